"""The CloudFormation API's operations on stacks, led to deployment.py instead of ministack's own engine."""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine
from typing import Any

from ministack.core.concurrency import run_reentrant
from ministack.services import cloudformation, iam
from ministack.services.cloudformation import changesets, handlers, helpers, provisioners

from . import catalogue, deployment, drift, early, events, halts, imports, policy, signals

Response = tuple[int, dict[str, str], bytes]
Parameters = dict[str, Any]

PRETENDED = {
    "ImportExistingResources": "false",
    "StackPolicyBody": "",
    "StackPolicyURL": "",
    "OnStackFailure": "ROLLBACK",
    "ForceRollback": "false",
}
"""Parameters that are not honoured, with the value at which that makes no difference."""


def install() -> None:
    """Take over from ministack: its engine, its signals, and the requests it would take and not honour."""
    handlers._deploy_stack_async, changesets._deploy_stack_async = _deploy_directly, _deploy
    handlers._delete_stack_async, handlers._continue_update_rollback_async = _delete, _continue
    catalogue.install()
    drift.install()
    events.install()
    provisioners._STACK_TAG_PROPERTY.update(catalogue.TAGS)
    _offer_only(catalogue.TYPES)
    actions = handlers._ACTION_HANDLERS
    actions["SignalResource"] = _signal_resource
    for action in (
        "CreateStack",
        "UpdateStack",
        "DeleteStack",
        "CreateChangeSet",
        "ExecuteChangeSet",
        "ContinueUpdateRollback",
    ):
        actions[action] = _checked(actions[action])
    actions["CreateChangeSet"] = _validated(_joining(actions["CreateChangeSet"]))
    actions["DeleteChangeSet"] = _unless_executed(actions["DeleteChangeSet"])
    for action in ("DescribeChangeSet", "ExecuteChangeSet", "ListChangeSets"):
        actions[action] = _by_id(actions[action])
    imports.install()
    actions["SetStackPolicy"] = _kept(actions["SetStackPolicy"])
    actions["DescribeEvents"] = _of_change_sets(actions["DescribeEvents"])
    actions["RollbackStack"] = _not_held("RollbackStack")
    actions["ContinueUpdateRollback"] = _skipping(actions["ContinueUpdateRollback"])


NOT_UPDATED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED")
"""States in which a stack takes no change set; seen in org-formation-cli #455 for the third and stackup #48 for the first, in no page
of AWS. While an operation goes on it takes none either (ansible-collections/amazon.aws #1910)."""

BEGINS = re.compile(rb"\bAction=(CreateStack|UpdateStack|DeleteStack|ExecuteChangeSet|ContinueUpdateRollback)\b")
PATIENCE = 0.5
"""Seconds that the answer to a request waits for the operation that it begins."""


def answer_late() -> None:
    """Answer a request once the operation that it begins is over, if that takes no longer than PATIENCE.

    The CDK command line looks at a stack at once and then every five seconds, which most operations do not take here.
    """
    handle = cloudformation.handle_request

    async def handle_late(method: str, path: str, headers: dict[str, str], body: bytes, query: Parameters) -> Response:
        response: Response = await handle(method, path, headers, body, query)
        until = time.monotonic() + PATIENCE
        while BEGINS.search(body) and _busy() and time.monotonic() < until and not halts.on():
            await asyncio.sleep(0.002)
        return response

    cloudformation.handle_request = handle_late


def _busy() -> bool:
    return any(str(stack.get("StackStatus", "")).endswith("IN_PROGRESS") for stack in cloudformation._stacks.values())


def _offer_only(types: dict) -> None:
    """ministack refuses a template with a type outside this table before it makes anything."""
    table = provisioners._RESOURCE_HANDLERS
    for name in [one for one in table if one not in types]:
        del table[name]
    for name, kind in types.items():
        table.setdefault(name, {})
        provisioners._REPLACING_PROPERTIES[name] = tuple(sorted(kind.replaces))


async def _deploy(
    stack_name: str,
    stack_id: str,
    template: dict,
    parameters: dict,
    disable_rollback: bool,
    tags: list,
    is_update: bool = False,
    previous_stack: dict | None = None,
    retain_except_on_create: bool = False,
    imports: dict | None = None,
    validated: bool = True,
) -> None:
    stack = cloudformation._stacks[stack_name]
    request = deployment.Request(
        template, parameters, stack.get("Tags") or [], previous_stack or {}, retain_except_on_create, validated
    )
    await run_reentrant(deployment.Deployment(catalogue.TYPES, stack, request).run)


def _deploy_directly(stack_name: str, *asked: Any, **more: Any) -> Coroutine[Any, Any, None]:
    """CreateStack and UpdateStack, which are validated as they begin."""
    more["validated"] = cloudformation._stacks[stack_name]["_disable_validation"]
    return _deploy(stack_name, *asked, **more)


def _validated(create: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    """CreateChangeSet, whose change set fails where early validation finds what exists."""

    def validated(params: Parameters) -> Response:
        stack = handlers._resolve_stack(helpers._p(params, "StackName"))
        if stack and (stack["StackStatus"] in NOT_UPDATED or _goes_on(stack)):
            said = f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated."
            return helpers._error("ValidationError", said)
        response = create(params)
        _, change_set = changesets._find_change_set(
            helpers._p(params, "ChangeSetName"), helpers._p(params, "StackName")
        )
        imported = response[0] == 200 and change_set["ChangeSetType"] == "IMPORT"
        if (
            response[0] != 200
            or imported
            or change_set["ExecutionStatus"] != "AVAILABLE"
            or change_set["_disable_validation"]
        ):
            return response
        stack = cloudformation._stacks[change_set["StackName"]]
        found = early.conflicts(catalogue.TYPES, stack, change_set["_template"], change_set["_resolved_params"])
        change_set["_operation_events"] = [one.event(stack["StackId"]) for one in found]
        stack["_operation_events"] = change_set["_operation_events"]
        if found:
            change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=early.CHANGE_SET_FAILED)
        return response

    return validated


def _goes_on(stack: dict[str, Any]) -> bool:
    """An operation changes the stack; REVIEW_IN_PROGRESS is none."""
    return stack["StackStatus"].endswith("_IN_PROGRESS") and stack["StackStatus"] != "REVIEW_IN_PROGRESS"


def _joining(create: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    """CreateChangeSet, whose change set for a stack in REVIEW_IN_PROGRESS is of that stack: it has an id and stays what it is
    (API_CreateChangeSet.html; aws-cdk #7731). ministack would make another in its place."""

    def joining(params: Parameters) -> Response:
        stack = handlers._resolve_stack(helpers._p(params, "StackName"))
        if stack is None or stack["StackStatus"] != "REVIEW_IN_PROGRESS":
            return create(params)
        status, headers, body = create({**params, "StackName": stack["StackName"]})
        made = cloudformation._stacks.get(stack["StackName"], stack)
        cloudformation._stacks[stack["StackName"]] = stack
        if made is stack:
            return status, headers, body
        cloudformation._stack_events.pop(made["StackId"], None)
        for one in cloudformation._change_sets.values():
            if one["StackId"] == made["StackId"]:
                one["StackId"] = stack["StackId"]
        return status, headers, body.replace(made["StackId"].encode(), stack["StackId"].encode())

    return joining


def _by_id(action: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    """An action on a stack's change sets, which takes the stack's id too (API_ListChangeSets.html); ministack knows them by its name."""

    def by_id(params: Parameters) -> Response:
        name = helpers._p(params, "StackName")
        stack = handlers._resolve_stack(name)
        if name and (stack is None or stack["StackStatus"] == "DELETE_COMPLETE"):
            return helpers._error("ValidationError", f"Stack [{name}] does not exist")
        return action({**params, "StackName": stack["StackName"]} if stack else params)

    return by_id


def _unless_executed(delete: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    """DeleteChangeSet, which refuses one that is being executed (API_DeleteChangeSet.html, InvalidChangeSetStatus; the words are those
    of aws-cdk #26182)."""

    def unless_executed(params: Parameters) -> Response:
        stack = handlers._resolve_stack(helpers._p(params, "StackName"))
        name = stack["StackName"] if stack else helpers._p(params, "StackName")
        _, change_set = changesets._find_change_set(helpers._p(params, "ChangeSetName"), name)
        if change_set and change_set["ExecutionStatus"] == "EXECUTE_IN_PROGRESS":
            said = (
                "An operation on this ChangeSet is currently in progress.  Please attempt this operation again later."
            )
            return helpers._error("InvalidChangeSetStatus", said)
        return delete(params)

    return unless_executed


def _of_change_sets(describe: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    """DescribeEvents, which ministack answers for stacks only: a stack's are those of its last change set."""

    def described(params: Parameters) -> Response:
        _, change_set = changesets._find_change_set(
            helpers._p(params, "ChangeSetName"), helpers._p(params, "StackName")
        )
        if not change_set:
            return describe(params)
        stack = cloudformation._stacks[change_set["StackName"]]
        last = stack.get("_operation_events")
        stack["_operation_events"] = change_set.get("_operation_events")
        try:
            return describe({**params, "StackName": change_set["StackId"]})
        finally:
            stack["_operation_events"] = last

    return described


def _delete(
    stack_name: str, stack_id: str, retain: frozenset = frozenset(), force: bool = False
) -> Coroutine[Any, Any, None]:
    """The stack is DELETE_IN_PROGRESS as soon as the request is answered."""
    return run_reentrant(deployment.Deletion(catalogue.TYPES, cloudformation._stacks[stack_name]).run)


def _continue(stack_name: str, stack_id: str, skipped: frozenset) -> Coroutine[Any, Any, None]:
    """The stack is UPDATE_ROLLBACK_IN_PROGRESS as soon as the request is answered."""
    return run_reentrant(deployment.Continuation(catalogue.TYPES, cloudformation._stacks[stack_name], skipped).run)


def _skipping(action: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    """ContinueUpdateRollback, to which the command line hands a list without members."""
    return lambda params: action({name: value for name, value in params.items() if name != "ResourcesToSkip"})


def _signal_resource(params: Parameters) -> Response:
    """SignalResource, for a resource that is being created or updated."""
    name, logical_id = helpers._p(params, "StackName"), helpers._p(params, "LogicalResourceId")
    unique_id, status = helpers._p(params, "UniqueId"), helpers._p(params, "Status")
    stack = handlers._resolve_stack(name)
    if stack is None:
        return helpers._error("ValidationError", f"Stack [{name}] does not exist")
    if status not in (signals.SUCCESS, signals.FAILURE):
        return helpers._error("ValidationError", f"Status {status!r} is not allowed: it takes SUCCESS or FAILURE")
    if not signals.deliver(stack["StackId"], logical_id, unique_id, status):
        return helpers._error(
            "ValidationError", f"Resource {logical_id} is in neither CREATE_IN_PROGRESS nor UPDATE_IN_PROGRESS"
        )
    return helpers._xml(200, "SignalResourceResponse", "")


def _checked(action: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    """The action, refusing what it could only pretend to honour."""

    def checked(params: Parameters) -> Response:
        role = helpers._p(params, "RoleARN")
        if role and role.rsplit("/", 1)[-1] not in iam._roles:
            return helpers._error("ValidationError", f"Role {role} is invalid or cannot be assumed")
        if (
            helpers._p(params, "DisableRollback", "false") == "true"
            or helpers._p(params, "OnFailure", "ROLLBACK") == "DO_NOTHING"
        ):
            return helpers._error("ValidationError", "the emulator always rolls back: leave --no-rollback out")
        if asked := [name for name, harmless in PRETENDED.items() if helpers._p(params, name, harmless) != harmless]:
            return helpers._error("ValidationError", f"the emulator does not hold {', '.join(asked)}")
        return action(params)

    return checked


def _kept(set_policy: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    """SetStackPolicy, which takes a policy that can be obeyed."""

    def kept(params: Parameters) -> Response:
        said = policy.fault(helpers._p(params, "StackPolicyBody"))
        return helpers._error("ValidationError", said) if said else set_policy(params)

    return kept


def _not_held(action: str) -> Callable[[Parameters], Response]:
    return lambda params: helpers._error("ValidationError", f"the emulator does not hold {action}")
