"""Stack events as DescribeStackEvents tells them: each later than the one before it, and each of an operation.

The CDK command line sorts them by time, and reads back to the first event of another operation (cloudformation/latest/
APIReference/API_StackEvent.html, "OperationId"; aws-cdk-lib's stack-event-poller).
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, helpers

from .deployment import STACK

Response = tuple[int, dict[str, str], bytes]
Parameters = dict[str, Any]
Event = dict[str, Any]

BEGINS = {
    "REVIEW_IN_PROGRESS",
    "CREATE_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "DELETE_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
}
"""What a stack's event says when an operation begins; a rollback is one of its own, as the command line's source has it."""


def install() -> None:
    actions = handlers._ACTION_HANDLERS
    actions["DescribeStackEvents"] = _in_order(actions["DescribeStackEvents"])


def _complete_all(events: list[Event]) -> None:
    for before, event in zip([None, *events], list(events), strict=False):
        _complete(event, before)


def _in_order(describe: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    def described(params: Parameters) -> Response:
        stack = handlers._resolve_stack(helpers._p(params, "StackName"))
        events = cloudformation._stack_events.get(stack["StackId"], []) if stack else []
        _complete_all(events)
        status, headers, body = describe(params)
        _complete_all(events)  # an operation that goes on has added some meanwhile
        operations = {one["EventId"].encode(): one["OperationId"].encode() for one in events if "OperationId" in one}
        return (
            status,
            headers,
            re.sub(
                rb"<EventId>([^<]*)</EventId>",
                lambda found: b"%s<OperationId>%s</OperationId>" % (found[0], operations[found[1]]),
                body,
            ),
        )

    return described


def _complete(event: Event, before: Event | None) -> None:
    """Give an event its operation and its time, once."""
    if "OperationId" in event:
        return
    begins = event["ResourceType"] == STACK and event["ResourceStatus"] in BEGINS
    event["OperationId"] = str(uuid4()) if begins or before is None else before["OperationId"]
    if before is not None:
        then = datetime.strptime(before["Timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ") + timedelta(milliseconds=1)
        event["Timestamp"] = max(event["Timestamp"], then.isoformat(timespec="milliseconds") + "Z")
