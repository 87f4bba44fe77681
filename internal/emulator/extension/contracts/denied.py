"""Actions that the caller's policies deny: CloudFormation, which acts with the caller's rights, is refused them too.

Without a service role it uses a temporary session of the caller's (AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html).
A handler may have written already what comes before such a call. The message is in the form of
IAM/latest/UserGuide/troubleshoot_access-denied.html; that EC2's is as long was not verified.
"""

from ministack.core.responses import get_account_id, get_region

from ..resources import Refusal
from . import models

PREFIXES = {"elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}
"""The services whose actions have another prefix than botocore's name."""
NAMES = {"ec2": ("Ec2", "UnauthorizedOperation")}
"""How a service refuses; AccessDenied where it is not here."""
LATER = frozenset(
    ("ec2:StopInstances", "ec2:TerminateInstances", "ec2:DisassociateAddress", "ec2:ReleaseAddress", "ec2:DetachVolume")
)
"""The actions that a resource type asks for itself at its time: what comes before them has been done by then."""

_actions: set[str] = set()


def choose(actions: list[str]) -> None:
    """Deny these from now on, such as ec2:StopInstances, and no others."""
    for action in actions:
        prefix, _, operation = action.partition(":")
        service = next((name for name, other in PREFIXES.items() if other == prefix), prefix)
        if models.operation(service, operation) is None:
            raise ValueError(f"action {action!r} is not allowed: AWS has no such action")
    _actions.clear()
    _actions.update(actions)


def is_denied(action: str) -> bool:
    return action in _actions


def refuse(action: str) -> None:
    """Raise what the service says where the action is denied."""
    if not is_denied(action):
        return
    service = action.partition(":")[0]
    name, code = NAMES.get(service, (service, "AccessDenied"))
    account = get_account_id()
    raise Refusal(
        name,
        code,
        f"You are not authorized to perform this operation. User: arn:aws:iam::{account}:user/ops is not authorized to "
        f"perform: {action} on resource: arn:aws:{service}:{get_region()}:{account}:* with an explicit deny in an "
        "identity-based policy.",
    )


def refuse_call(service: str, operation: str) -> None:
    """The same for a call as botocore names it."""
    refuse(f"{PREFIXES.get(service, service)}:{operation}")


def reset() -> None:
    _actions.clear()
