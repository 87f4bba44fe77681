"""CloudFormation's rules for one operation on a stack: create, update or delete.

The pages behind them:
- order, replacement and clean-up: AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
- the stack's states: .../using-cfn-describing-stacks.html ("Stack status codes")
- what is kept: .../aws-attribute-deletionpolicy.html and .../aws-attribute-updatereplacepolicy.html
- signals: .../aws-attribute-creationpolicy.html

Resources are taken one after the other in dependency order; CloudFormation works on independent ones at once.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import engine, provisioners, stacks

from . import contracts, early, faults, models, policy, signals
from .contracts.predicates import seconds
from .resources import AlreadyExists, Made, Place, Properties, ResourceType

Record = dict[str, Any]

STACK = "AWS::CloudFormation::Stack"
KEPT_ON_DELETE = ("Retain", "RetainExceptOnCreate")
DELETE_ATTEMPTS = 3
"""How often CloudFormation tries to remove a resource in a clean-up before it leaves it behind; seen in
aws-cloudformation/rain #187 and ekristen/aws-nuke #279, in no page of AWS."""


class Failed(Exception):
    """An operation on a resource failed; the operation on the stack cannot go on."""

    def __init__(self, logical_id: str, verb: str) -> None:
        super().__init__(f"The following resource(s) failed to {verb}: [{logical_id}]. ")


@dataclass
class Request:
    """What was asked for: the template and what comes with it. before is the stack as it was; empty for a create."""

    template: dict[str, Any]
    parameters: dict[str, Any]
    tags: list[dict[str, str]]
    before: Record = field(default_factory=dict)
    retain_except_on_create: bool = False
    validated: bool = True  # by early validation, when the change set was made; a direct operation is not yet


@dataclass
class Step:
    """What was done to a resource: its record before (empty for a create) and after (empty while nothing is known of it)."""

    logical_id: str
    before: Record
    after: Record = field(default_factory=dict)
    replaced: bool = False
    given_up: bool = False  # the old one was deleted before the new one was made


@dataclass
class Deployment:
    """One operation on one stack. types are all that this emulator knows, by name."""

    types: dict[str, ResourceType]
    stack: dict[str, Any]
    request: Request
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name, self.id = self.stack["StackName"], self.stack["StackId"]
        self.records: dict[str, Any] = self.stack["_resources"]
        self.definitions = self.request.template.get("Resources", {})
        self.conditions = engine._evaluate_conditions(self.request.template, self.request.parameters)
        self.verb = "UPDATE" if self.request.before else "CREATE"

    # ---- forward

    def run(self) -> None:
        """Do all of it, or roll back."""
        if self._refused_early():
            return
        try:
            outputs, exports = self._forward()
        except Exception as problem:  # whatever went wrong, CloudFormation rolls back
            self._roll_back("User Initiated" if self.stack.pop("_cancel_requested", False) else str(problem))
            return
        self.stack.update(_template=self.request.template, _resolved_params=self.request.parameters, Outputs=outputs)
        cloudformation._exports.update(exports)
        if self.verb == "UPDATE":
            self._clean_up()
        self._status(f"{self.verb}_COMPLETE")

    def _refused_early(self) -> bool:
        """Whether early validation ends it; the stack's events leave what it found to DescribeEvents."""
        if self.request.validated:
            return False
        found = early.conflicts(self.types, self.stack, self.request.template, self.request.parameters)
        if found:
            stacks._add_event(
                self.id,
                self.name,
                self.name,
                STACK,
                f"{self.verb}_FAILED",
                stacks._VALIDATION_FAILED.format(count=len(found)),
                self.id,
                detailed_status="VALIDATION_FAILED",
            )
            self._roll_back(stacks._VALIDATION_ROLLBACK)
        self.stack["_operation_events"] = [one.event(self.id) for one in found]
        return bool(found)

    def _forward(self) -> tuple[list, dict]:
        order = engine._topological_sort(self.definitions, self.conditions)
        self._refuse_what_is_not_held(order)
        for logical_id in order:
            if self._cancelled():
                raise signals.Cancelled
            self._apply(logical_id)
        self._refuse_removals()
        present = {one: self.records[one] for one in order}
        return stacks._resolve_stack_outputs(
            self.request.template.get("Outputs", {}),
            self.conditions,
            present,
            self.request.parameters,
            {},
            self.name,
            self.id,
        )

    def _refuse_what_is_not_held(self, order: list[str]) -> None:
        """Fail before anything is made, rather than store a phantom."""
        for logical_id in order:
            definition = self.definitions[logical_id]
            missing = self.types[definition["Type"]].not_held(definition.get("Properties") or {})
            if missing:
                self._event(
                    logical_id,
                    f"{self.verb}_FAILED",
                    f"the emulator does not hold {', '.join(missing)} of {definition['Type']}",
                )
                raise Failed(logical_id, self.verb.lower())

    def _allow(self, action: str, logical_id: str) -> None:
        """Refuse what the stack's policy does not allow an update to do."""
        if self.verb == "UPDATE":
            policy.refuse(self.stack.get("_stack_policy") or "", action, logical_id)

    def _refuse_removals(self) -> None:
        """Whether the policy lets go what leaves the stack; no page says when that is looked at: here as late as it could be."""
        for logical_id in [one for one in self.records if one not in self.definitions]:
            try:
                self._allow(policy.DELETE, logical_id)
            except policy.Denied as problem:
                record = self.records[logical_id]
                self._event(
                    logical_id, "UPDATE_FAILED", str(problem), record["PhysicalResourceId"], record["ResourceType"]
                )
                raise Failed(logical_id, "update") from problem

    def _apply(self, logical_id: str) -> None:
        """Bring one resource to what the template says."""
        definition, before = self.definitions[logical_id], self.records.get(logical_id, {})
        step = Step(logical_id, before)
        try:
            record = self._record(logical_id, definition)
            if (
                before
                and before["ResourceType"] == record["ResourceType"]
                and self._tagged(before) == self._tagged(record)
            ):
                self.records[logical_id] = {**before, **{key: record[key] for key in ("Properties", "Definition")}}
                return
            self.steps.append(step)
            if not before:
                self._create(step, record)
            elif before["ResourceType"] != record["ResourceType"] or self._type(record).replaced_by(
                self._tagged(before), self._tagged(record)
            ):
                self._replace(step, record)
            else:
                self._update(step, record)
        except Exception as problem:
            self._event(logical_id, f"{self.verb if before else 'CREATE'}_FAILED", str(problem), self._physical(step))
            raise Failed(logical_id, "update" if before else "create") from problem
        self.records[logical_id] = record
        self._event(logical_id, f"{'UPDATE' if before else 'CREATE'}_COMPLETE", "", record["PhysicalResourceId"])

    def _create(self, step: Step, record: Record) -> None:
        self._event(step.logical_id, "CREATE_IN_PROGRESS")
        self._make(step, record)

    def _replace(self, step: Step, record: Record) -> None:
        """Make the new one first; the old one goes in the clean-up."""
        self._allow(policy.REPLACE, step.logical_id)
        kept = self._type(record).physical_name
        old, new = step.before["Properties"], record["Properties"]
        if (
            kept
            and old.get(kept)
            and old.get(kept) == new.get(kept)
            and step.before["ResourceType"] == record["ResourceType"]
        ):
            raise ValueError(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {old[kept]} and update the stack again."
            )
        self._event(
            step.logical_id,
            "UPDATE_IN_PROGRESS",
            "Requested update requires the creation of a new physical resource; hence creating one.",
            step.before["PhysicalResourceId"],
        )
        step.replaced = True
        if self._type(record).deletes_first:
            self._give_up(step, record)
        self._make(step, record)

    def _give_up(self, step: Step, record: Record) -> None:
        """Delete the old one before the new one is made, unless it is to stay."""
        if record["Definition"].get("UpdateReplacePolicy") in KEPT_ON_DELETE:
            return
        if not self._delete(step.before):
            raise ValueError(
                f"{step.before['PhysicalResourceId']} could not be deleted, so that nothing takes its place"
            )
        step.given_up = True

    def _make(self, step: Step, record: Record) -> None:
        """Call the type's create, and wait for the signals that the creation policy asks for."""
        policy = signal_policy(record["Definition"])
        with signals.expected(self.id, step.logical_id) as box:
            self._hold("create", {}, record)
            faults.strike("create", step.logical_id, "before")
            self._refuse_taken(record)
            self._take(step, record, self._type(record).create(self._place(record), self._tagged(record)))
            self._place(record).halt("create")
            faults.strike("create", step.logical_id, "after")
            self._event(
                step.logical_id,
                "UPDATE_IN_PROGRESS" if step.before else "CREATE_IN_PROGRESS",
                "Resource creation Initiated",
                record["PhysicalResourceId"],
            )
            if policy:
                self._type(record).await_signals(self._place(record), box, *policy)
                self._place(record).halt("signals of")

    def _refuse_taken(self, record: Record) -> None:
        """Nothing that exists is overwritten, or taken over in silence."""
        kind = self._type(record)
        if kind.taken(record["Properties"]):
            raise AlreadyExists(kind.exists(record["Properties"]))

    def _update(self, step: Step, record: Record) -> None:
        self._allow(policy.MODIFY, step.logical_id)
        step.after = {
            **record,
            "PhysicalResourceId": step.before["PhysicalResourceId"],
            "Attributes": step.before["Attributes"],
        }
        self._event(step.logical_id, "UPDATE_IN_PROGRESS", "", step.before["PhysicalResourceId"])
        with signals.expected(self.id, step.logical_id):
            faults.strike("update", step.logical_id, "before")
            self._take(step, record, self._change(step.before, record))
            faults.strike("update", step.logical_id, "after")

    def _change(self, old: Record, new: Record) -> Made:
        self._hold("update", old, new)
        place = self._place(new)
        made = self._type(new).update(place, old["PhysicalResourceId"], self._tagged(old), self._tagged(new))
        place.halt("update")
        return made

    @staticmethod
    def _take(step: Step, record: Record, made: Made) -> None:
        record["PhysicalResourceId"], record["Attributes"] = made
        step.after = record

    # ---- clean-up: after every create and update, what is no longer wanted goes, and a failure fails nothing

    def _clean_up(self) -> None:
        self._status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        before = self.request.before
        for step in reversed([one for one in self.steps if one.replaced and not one.given_up]):
            self._remove(step.before, step.after["Definition"].get("UpdateReplacePolicy"))
        old = before["_template"].get("Resources", {})
        order = engine._topological_sort(
            old, engine._evaluate_conditions(before["_template"], before["_resolved_params"])
        )
        for logical_id in reversed([one for one in order if one not in self.definitions]):
            self._remove(self.records.pop(logical_id), old[logical_id].get("DeletionPolicy"))

    def _remove(self, record: Record, policy: str | None) -> bool:
        """Delete a resource that has left the stack, or leave it where it is. True unless it stays against the stack's will."""
        logical_id, physical_id = record["LogicalResourceId"], record["PhysicalResourceId"]
        if policy in KEPT_ON_DELETE:
            self._event(logical_id, "DELETE_SKIPPED", "", physical_id, record["ResourceType"])
            return True
        return any(self._delete(record) for _ in range(DELETE_ATTEMPTS))

    def _delete(self, record: Record) -> bool:
        logical_id, physical_id = record["LogicalResourceId"], record["PhysicalResourceId"]
        self._event(logical_id, "DELETE_IN_PROGRESS", "", physical_id, record["ResourceType"])
        try:
            self._hold("delete", record, {})
            faults.strike("delete", logical_id, "before")
            self._type(record).delete(self._place(record), physical_id, self._tagged(record))
            self._place(record).halt("delete")
            faults.strike("delete", logical_id, "after")
        except Exception as problem:
            self._event(logical_id, "DELETE_FAILED", str(problem), physical_id, record["ResourceType"])
            return False
        self._event(logical_id, "DELETE_COMPLETE", "", physical_id, record["ResourceType"])
        return True

    # ---- back

    def _roll_back(self, reason: str) -> None:
        if self.verb == "CREATE":
            self._roll_back_create(reason)
        else:
            self._roll_back_update(reason)

    def _roll_back_create(self, reason: str) -> None:
        self._status("ROLLBACK_IN_PROGRESS", reason)
        left = [
            step.logical_id
            for step in reversed(self._made())
            if not self._remove(step.after, self._policy_on_create(step))
        ]
        self.records.clear()
        self._status("ROLLBACK_FAILED" if left else "ROLLBACK_COMPLETE", _failed_to("delete", left))

    def _roll_back_update(self, reason: str) -> None:
        """An update back to the template before: what was changed is changed back, then what was made goes."""
        self._status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        before, stuck = self.request.before, []
        conditions = engine._evaluate_conditions(before["_template"], before["_resolved_params"])
        done = {step.logical_id: step for step in self.steps}
        for logical_id in engine._topological_sort(before["_template"].get("Resources", {}), conditions):
            step = done.get(logical_id)
            if step and not self._revert(step):
                stuck.append(logical_id)
        restored = {**before["_resources"], **{one.logical_id: one.before for one in self.steps if one.before}}
        self.stack.update({**before, "_resources": restored})
        self.records = restored
        self._end_rollback(stuck)

    def _end_rollback(self, stuck: list[str]) -> None:
        """Remove what was made; or keep what is left to do for ContinueUpdateRollback."""
        if stuck:
            self.stack["_rollback_failed"] = {one: self.records[one] for one in stuck}
            self.stack["_rollback_steps"] = self.steps
            self._status("UPDATE_ROLLBACK_FAILED", _failed_to("update", stuck))
            return
        for kept in ("_rollback_failed", "_rollback_steps"):
            self.stack.pop(kept, None)
        self._status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        for step in reversed(self._made()):
            self._remove(step.after, self._policy_on_create(step))
        self._status("UPDATE_ROLLBACK_COMPLETE")

    def _revert(self, step: Step) -> bool:
        """Give a resource that was there before its old properties back. Its old template entry applies."""
        record, old = step.after, step.before
        if not old:
            return True
        if step.given_up:
            return self._restore(step)
        if record and not step.replaced:
            self._event(step.logical_id, "UPDATE_IN_PROGRESS", "", old["PhysicalResourceId"])
            try:
                with signals.expected(self.id, step.logical_id):
                    faults.strike("revert", step.logical_id, "before")
                    _, attributes = self._change({**record, "PhysicalResourceId": old["PhysicalResourceId"]}, old)
            except Exception as problem:
                self._event(step.logical_id, "UPDATE_FAILED", str(problem), old["PhysicalResourceId"])
                return False
            old["Attributes"] = attributes
        self._event(step.logical_id, "UPDATE_COMPLETE", "", old["PhysicalResourceId"])
        return True

    def _restore(self, step: Step) -> bool:
        """Put back what was deleted to make room, or leave the stack with something that is not there any more."""
        if step.after:
            self._delete(step.after)
        if models.current.associationRollback == models.LOSE:
            return True
        old = step.before
        try:
            self._refuse_taken(old)
            old["PhysicalResourceId"], old["Attributes"] = self._type(old).create(self._place(old), self._tagged(old))
            self._place(old).halt("restore")
        except Exception as problem:
            self._event(step.logical_id, "UPDATE_FAILED", str(problem), old["PhysicalResourceId"])
            return False
        self._event(step.logical_id, "UPDATE_COMPLETE", "", old["PhysicalResourceId"])
        return True

    def _made(self) -> list[Step]:
        """The steps that made something, as far as the service told its id."""
        return [step for step in self.steps if step.after and (not step.before or step.replaced) and not step.given_up]

    def _policy_on_create(self, step: Step) -> str | None:
        """What becomes of a resource when the operation that made it is undone: only Retain keeps it."""
        policy = step.after["Definition"].get("DeletionPolicy")
        keeps = policy == "Retain" and not self.request.retain_except_on_create and not step.replaced
        return policy if keeps else None

    # ---- records, places, events

    def _cancelled(self) -> bool:
        """Whether the user has called CancelUpdateStack since the operation began."""
        return bool(self.stack.get("_cancel_requested"))

    def _record(self, logical_id: str, definition: dict) -> Record:
        """The record of a resource as the template wants it; what it refers to stands already."""
        return {
            "LogicalResourceId": logical_id,
            "ResourceType": definition["Type"],
            "ResourceStatus": f"{self.verb}_COMPLETE",
            "Properties": self._resolved(definition.get("Properties") or {}),
            "Definition": {key: self._resolved(value) for key, value in definition.items() if key != "Properties"},
            "PhysicalResourceId": "",
            "Attributes": {},
            "Timestamp": now_iso(),
            "Tags": self.request.tags,
        }

    def _resolved(self, value: Any) -> Any:
        whole = engine._resolve_refs(
            copy.deepcopy(value),
            self.records,
            self.request.parameters,
            self.conditions,
            self.request.template.get("Mappings", {}),
            self.name,
            self.id,
        )
        if isinstance(whole, dict):
            whole = {key: inner for key, inner in whole.items() if inner is not engine._NO_VALUE}
            whole, _ = engine._resolve_dynamic_references(whole, None, reuse_ssm=False, reuse_secrets=False)
        return whole

    def _tagged(self, record: Record) -> Properties:
        """The properties with the tags that CloudFormation hands down."""
        return provisioners._with_stack_tags(
            record["ResourceType"],
            record["Properties"],
            record["Tags"],
            self.name,
            self.id,
            record["LogicalResourceId"],
        )

    def _hold(self, verb: str, old: Record, new: Record) -> None:
        """Refuse what AWS would, once every value is known."""
        contracts.hold(
            verb,
            (new or old)["ResourceType"],
            self._tagged(old) if old else {},
            self._tagged(new) if new else {},
            old.get("PhysicalResourceId", ""),
            old.get("Attributes"),
            new.get("Definition"),
        )

    def _type(self, record: Record) -> ResourceType:
        return self.types[record["ResourceType"]]

    def _place(self, record: Record) -> Place:
        logical_id = record["LogicalResourceId"]
        return Place(
            self.name,
            self.id,
            logical_id,
            record["Definition"],
            lambda status, reason: self._event(logical_id, status, reason, record["PhysicalResourceId"]),
            self._cancelled,
        )

    @staticmethod
    def _physical(step: Step) -> str:
        return str((step.after or step.before).get("PhysicalResourceId", ""))

    def _event(self, logical_id: str, status: str, reason: str = "", physical_id: str = "", of: str = "") -> None:
        stacks._add_event(
            self.id, self.name, logical_id, of or self.definitions[logical_id]["Type"], status, reason, physical_id
        )

    def _status(self, status: str, reason: str = "") -> None:
        stacks._add_event(self.id, self.name, self.name, STACK, status, reason, self.id)
        self.stack.update(StackStatus=status, StackStatusReason=reason)


def _failed_to(verb: str, logical_ids: list[str]) -> str:
    return f"The following resource(s) failed to {verb}: [{', '.join(logical_ids)}]. " if logical_ids else ""


def signal_policy(definition: dict) -> tuple[int, float] | None:
    """The count and the timeout in seconds of a CreationPolicy's signals; 1 and 5 minutes unless it says."""
    policy = (definition.get("CreationPolicy") or {}).get("ResourceSignal")
    if policy is None:
        return None
    return int(policy.get("Count", 1)), seconds(policy.get("Timeout", "PT5M"))


class Deletion(Deployment):
    """DeleteStack: dependents first; what cannot be removed fails the operation and stays in the stack."""

    def __init__(self, types: dict[str, ResourceType], stack: dict[str, Any]) -> None:
        super().__init__(types, stack, Request(stack["_template"], stack["_resolved_params"], stack.get("Tags") or []))
        self._status("DELETE_IN_PROGRESS", "User Initiated")

    def run(self) -> None:
        """Do all of it, as far as it goes."""
        for logical_id in reversed(engine._topological_sort(self.definitions, self.conditions)):
            record = self.records.get(logical_id)
            if record and self._remove(record, record["Definition"].get("DeletionPolicy")):
                del self.records[logical_id]
        left = sorted(self.records)
        self._status("DELETE_FAILED" if left else "DELETE_COMPLETE", _failed_to("delete", left))


class Continuation(Deployment):
    """ContinueUpdateRollback: what could not be changed back is tried again, but for what is skipped
    (.../using-cfn-updating-stacks-continueupdaterollback.html)."""

    def __init__(self, types: dict[str, ResourceType], stack: dict[str, Any], skipped: frozenset[str]) -> None:
        super().__init__(types, stack, Request(stack["_template"], stack["_resolved_params"], stack.get("Tags") or []))
        self.steps, self.skipped = stack["_rollback_steps"], skipped
        self._status("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")

    def run(self) -> None:
        """Go on where the rollback was stuck."""
        failed = self.stack["_rollback_failed"]
        for logical_id in self.skipped:
            self._event(logical_id, "UPDATE_COMPLETE", "", failed[logical_id]["PhysicalResourceId"])
        again = [one for one in self.steps if one.logical_id in failed.keys() - self.skipped]
        self._end_rollback([one.logical_id for one in again if not self._revert(one)])
