"""What a template asks for beside the properties, or in several calls together: no call has it, so no service model does."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import documented, predicates

Definition = dict[str, Any]
TEMPLATE = documented.TEMPLATE


@dataclass(frozen=True)
class Entry:
    """A constraint on a resource's entry in the template, all values resolved. of: its type, "" for any; name: what holds it;
    test sees that, and is asked only where it is there."""

    of: str
    name: str
    allowed: str
    test: Callable[[Any], bool]
    source: str
    message: str
    held: str = documented.PAGE

    @property
    def where(self) -> str:
        return f"{self.of or 'any resource'}, {self.name}"

    def keeps(self, of: str, entry: Definition) -> bool:
        """Whether the entry of that type keeps it."""
        value: Any = entry
        for step in self.name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        try:
            return value is None or self.of not in ("", of) or self.test(value)
        except (TypeError, ValueError, KeyError):
            return False


def _inline(policies: list[dict[str, Any]]) -> bool:
    """IAM does not count white space; the space between tokens is left out here, that in values counts, which is stricter."""
    return (
        sum(len(json.dumps(one["PolicyDocument"], separators=(",", ":"), ensure_ascii=False)) for one in policies)
        <= 10240
    )


def _duration(most: float) -> Callable[[Any], bool]:
    return lambda value: predicates.seconds(value) <= most


GROUP, ROLLING = "AWS::AutoScaling::AutoScalingGroup", "UpdatePolicy.AutoScalingRollingUpdate"
PROCESSES = (
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
)
"""autoscaling/ec2/userguide/as-suspend-resume-processes.html"""

ENTRIES = (
    Entry(
        GROUP,
        f"{ROLLING}.PauseTime",
        "at most one hour",
        _duration(3600),
        TEMPLATE + "aws-attribute-updatepolicy.html",
        "Invalid UpdatePolicy: PauseTime must be no greater than PT3600S",
    ),
    Entry(
        GROUP,
        f"{ROLLING}.MinSuccessfulInstancesPercent",
        "0-100",
        predicates.between(0, 100),
        TEMPLATE + "aws-attribute-updatepolicy.html",
        "Invalid UpdatePolicy: MinSuccessfulInstancesPercent takes 0 to 100",
    ),
    Entry(
        GROUP,
        f"{ROLLING}.SuspendProcesses",
        "names of processes",
        predicates.each(predicates.one_of(*PROCESSES)),
        TEMPLATE + "aws-attribute-updatepolicy.html",
        "Invalid UpdatePolicy: SuspendProcesses takes names of processes",
    ),
    Entry(
        "",
        "CreationPolicy.ResourceSignal.Timeout",
        "at most 12 hours",
        _duration(43200),
        TEMPLATE + "aws-attribute-creationpolicy.html",
        "Invalid CreationPolicy: Timeout must be no greater than PT12H",
    ),
    Entry(
        "",
        "CreationPolicy.AutoScalingCreationPolicy.MinSuccessfulInstancesPercent",
        "0-100",
        predicates.between(0, 100),
        TEMPLATE + "aws-attribute-creationpolicy.html",
        "Invalid CreationPolicy: MinSuccessfulInstancesPercent takes 0 to 100",
    ),
    Entry(
        "AWS::IAM::Role",
        "Properties.Policies",
        "at most 10,240 characters in all, white space left out",
        _inline,
        documented.IAM,
        "Maximum policy size of 10240 bytes exceeded for role",
    ),
    Entry(
        "AWS::IAM::Role",
        "Properties.ManagedPolicyArns",
        "at most 10, the quota of a new account",
        predicates.at_most(10),
        documented.IAM,
        "Cannot exceed quota for PoliciesPerRole: 10",
    ),
    Entry(
        "AWS::SSM::Association",
        "Properties.WaitForSuccessTimeoutSeconds",
        "15-172,800",
        predicates.between(15, 172800),
        TEMPLATE + "aws-resource-ssm-association.html",
        "WaitForSuccessTimeoutSeconds takes 15 to 172800",
    ),
)


def broken(of: str, definition: Definition, properties: dict[str, Any]) -> list[str]:
    """The messages of what a resource's entry breaks."""
    entry = {**definition, "Properties": properties}
    return [one.message for one in ENTRIES if not one.keeps(of, entry)]
