"""Early validation: a change set, CreateStack and UpdateStack look for what exists already, before anything is made.

AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html: of change sets since November 2025, of every operation
since June 2026, unless DisableValidation. The texts, and how a stack ends, are those that ministack's authors saw on AWS in
October 2026. Executing a change set does not look again.
"""

from dataclasses import dataclass
from typing import Any

from ministack.services.cloudformation import engine, stacks

from .resources import Properties, ResourceType

CHANGE_SET_FAILED = (
    "The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot "
    "Early Validation errors, use the DescribeEvents API for detailed failure information."
)
"""github.com/aws-cloudformation/rain/pull/744, serverless/serverless/issues/13248"""


@dataclass(frozen=True)
class Conflict:
    """A resource that a template would make, though what it names exists."""

    logical_id: str
    type: str
    reason: str

    def event(self, stack_id: str) -> dict[str, Any]:
        """As DescribeEvents tells it."""
        event: dict[str, Any] = stacks._operation_event(
            stack_id,
            "",
            "VALIDATION_ERROR",
            LogicalResourceId=self.logical_id,
            ResourceType=self.type,
            ValidationFailureMode="FAIL",
            ValidationName="NAME_CONFLICT_VALIDATION",
            ValidationStatus="FAILED",
            ValidationStatusReason=self.reason,
            ValidationPath=f"/Resources/{self.logical_id}",
        )
        return event


def conflicts(
    types: dict[str, ResourceType], stack: dict[str, Any], template: dict[str, Any], parameters: dict[str, Any]
) -> list[Conflict]:
    """What the template would make in the stack, and exists."""
    conditions, found = engine._evaluate_conditions(template, parameters), []
    for logical_id in engine._topological_sort(template.get("Resources", {}), conditions):
        kind = types[template["Resources"][logical_id]["Type"]]
        if not kind.foreseen():
            continue
        wanted = _identity(kind, logical_id, stack, template, parameters, conditions)
        if wanted != _had(kind, stack["_resources"].get(logical_id)) and kind.taken(wanted):
            found.append(Conflict(logical_id, kind.name, kind.exists(wanted)))
    return found


def _identity(
    kind: ResourceType,
    logical_id: str,
    stack: dict[str, Any],
    template: dict[str, Any],
    parameters: dict[str, Any],
    conditions: dict[str, Any],
) -> Properties:
    """What identifies the resource, as far as the template alone tells it: nothing made in it is known yet."""
    properties = template["Resources"][logical_id].get("Properties") or {}
    static = {
        name: stacks._static_property(
            properties[name],
            template["Resources"],
            parameters,
            conditions,
            template.get("Mappings", {}),
            stack["StackName"],
            stack["StackId"],
        )
        for name in kind.identified_by
        if name in properties
    }
    return {name: value for name, value in static.items() if isinstance(value, str)}


def _had(kind: ResourceType, record: dict[str, Any] | None) -> Properties:
    """What identifies the resource that the stack has, {} for none of that type."""
    if record is None or record["ResourceType"] != kind.name:
        return {}
    return {name: record["Properties"][name] for name in kind.identified_by if name in record["Properties"]}
