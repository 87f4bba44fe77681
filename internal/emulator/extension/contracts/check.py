"""Whether a call, or an operation on a resource, would be refused."""

from collections.abc import Iterable, Iterator
from typing import Any

from ..resources import Refusal
from . import denied, entries, models
from .handlers import HANDLERS, Call, Handler, Wanted
from .handlers.base import It
from .shapes import Holder, Violation

CODES = {
    "ec2": "InvalidParameterValue",
    "s3": "InvalidArgument",
    "route53": "InvalidInput",
    "sns": "InvalidParameter",
    "logs": "InvalidParameterException",
    "elasticache": "InvalidParameterValue",
    "dlm": "InvalidRequestException",
    "ssm": "ValidationException",
    "acm": "ValidationException",
}
"""The error code of a request whose parameters are wrong; ValidationError where it is not here. From each API's page of
common errors."""
NAMES = {
    "ec2": "Ec2",
    "autoscaling": "AutoScaling",
    "elbv2": "ElasticLoadBalancingV2",
    "cloudwatch": "CloudWatch",
    "ssm": "Ssm",
    "sns": "Sns",
    "s3": "S3",
    "route53": "Route53",
    "acm": "Acm",
    "iam": "Iam",
    "logs": "CloudWatchLogs",
    "dlm": "Dlm",
    "elasticache": "ElastiCache",
}
"""How CloudFormation names the services in an event."""


def hold_call(call: Call, exact: bool = False) -> None:
    """Refuse a call that breaks its model or a documented constraint; exact as in shapes.Holder."""
    model = models.operation(call.service, call.operation)
    if model is None or (model.input_shape is None and call.params):
        raise Refusal(
            NAMES.get(call.service, call.service),
            "InvalidAction",
            f"The action {call.operation} is not valid, or takes nothing",
        )
    if model.input_shape is not None:
        _refuse(call.service, Holder(call.service, exact).violations(model.input_shape, call.params))


def _refuse(service: str, violations: Iterable[Violation]) -> None:
    found = list(violations)
    if not found:
        return
    code = next((one.code for one in found if one.code), CODES.get(service, "ValidationError"))
    told = [one.message for one in found]
    many = (
        f"{len(told)} validation error{'s' if len(told) > 1 else ''} detected: " if told[0].startswith("Value ") else ""
    )
    raise Refusal(NAMES.get(service, service), code, many + "; ".join(told))


def hold(
    verb: str,
    of: str,
    old: dict[str, Any],
    new: dict[str, Any],
    physical_id: str = "",
    attributes: dict[str, Any] | None = None,
    definition: dict[str, Any] | None = None,
) -> None:
    """Refuse an operation on a resource of a type: verb is create, update or delete; old and new are its properties, tagged.

    Every call is held before any is made, so that a refusal leaves nothing half done.
    """
    handler = HANDLERS.get(of)
    if handler is None:
        raise ValueError(f"the emulator does not know the calls of {of}")
    broken = entries.broken(of, definition or {}, new) if verb != "delete" else []
    if broken:
        raise ValueError("; ".join(broken))
    for call in calls(handler, verb, old, new, It(physical_id, attributes or {})):
        hold_call(call)
        if f"{call.service}:{call.operation}" not in denied.LATER:
            denied.refuse_call(call.service, call.operation)


def calls(handler: Handler, verb: str, old: dict[str, Any], new: dict[str, Any], it: It) -> Iterator[Call]:
    """The calls of an operation; a property that none of them carries raises ValueError after the last."""
    before, after = Wanted(old), Wanted(new)
    if verb == "create":
        yield from handler.create(after)
        left = after.uncarried(handler.apart)
    elif verb == "update":
        yield from handler.update(it, before, after)
        left = after.uncarried(handler.apart, before)
    else:
        yield from handler.delete(it, before)
        left = list[str]()
    if left:
        raise ValueError(f"the emulator knows no call of {handler.name} that carries {', '.join(left)} to {verb} it")
