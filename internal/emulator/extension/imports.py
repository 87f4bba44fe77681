"""IMPORT change sets: what is there already becomes a stack's.

AWSCloudFormation/latest/UserGuide/resource-import.html and resource-import-new-stack.html. ministack refuses what AWS was seen to
refuse; what it lets through, and the import itself, are here. After the import comes an update ("Apply stack-level tags to
imported resource if applicable"), which is no formality: handlers were seen to write what the template says and to reset what
it leaves out, and a rollback does not take that back (cloudformation-coverage-roadmap #809 and #1497; timdodgson/
appliance-clinic, docs/migration/phase-5-import-semantics.md). models.py plays both.
"""

import re
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.concurrency import run_reentrant
from ministack.services.cloudformation import changesets, drift, engine, handlers, helpers, provisioners, stacks

from . import catalogue, contracts, deployment, faults, models, references
from .deployment import Record
from .resources import Properties, Refusal, ResourceType

Response = tuple[int, dict[str, str], bytes]
Parameters = dict[str, Any]


def install() -> None:
    """Let change sets import what the types can adopt, and say what can be."""
    changesets._import_resources_async = _import
    actions = handlers._ACTION_HANDLERS
    actions["CreateChangeSet"] = _checked(actions["CreateChangeSet"])
    actions["GetTemplateSummary"] = _summarized(actions["GetTemplateSummary"])
    # The page on drift names four states; that on imports lets one look for drift after an import (resource-import.html).
    drift.DRIFT_DETECTABLE_STATUSES |= {"IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}


def importable(of: str) -> tuple[str, ...]:
    """The parts of a type's identifier; none where it cannot be imported, or the account says so."""
    kind = catalogue.TYPES.get(of)
    return () if kind is None or of in models.current.notImportable else kind.imported_by()


def _checked(create: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    """CreateChangeSet, refusing what AWS was seen to refuse."""

    def checked(params: Parameters) -> Response:
        _offer()
        try:
            template = changesets._parse_template(helpers._p(params, "TemplateBody") or "{}")
            missing = references.unresolved(template)
        except Exception:  # not a template, which ministack says
            return create(params)
        if missing:
            said = f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] in the Resources block of the template"
            return helpers._error("ValidationError", said)
        if helpers._p(params, "ChangeSetType") == "IMPORT" and (said := _fault(params, template)):
            return helpers._error("ValidationError", said)
        return create(params)

    return checked


def _offer() -> None:
    """Tell ministack which types can be imported by now, by what, and who looks for them."""
    changesets._IMPORT_LOOKUPS.clear()
    for name, kind in catalogue.TYPES.items():
        provisioners._RESOURCE_HANDLERS[name].pop("import", None)
        if parts := importable(name):
            changesets._IMPORT_LOOKUPS[name] = (parts, _lookup(kind, parts))
            provisioners._RESOURCE_HANDLERS[name]["import"] = kind.adopt


def _lookup(kind: ResourceType, parts: tuple[str, ...]) -> Callable[..., str | None]:
    """What ministack asks when a change set is made: None, or why there is nothing of that name."""

    def problem(*values: str) -> str | None:
        try:
            kind.adopt(dict(zip(parts, values, strict=True)))
        except Refusal as refusal:
            return str(refusal)
        return None

    return problem


def _fault(params: Parameters, template: dict[str, Any]) -> str:
    """Why an import is refused, "" if it is not: RoleArn as its neighbours [Outputs] and [Tags] in ministack's measured texts, the
    types by go-to-k/cdkd's measurement of August 2026, the identifier by users' reports."""
    if helpers._p(params, "RoleARN"):
        return "As part of the import operation, you cannot modify or add [RoleArn]"
    wanted = changesets._extract_resources_to_import(params)
    unknown = sorted({one["ResourceType"] for one in wanted if not importable(one["ResourceType"])})
    if unknown:
        return f"ResourceTypes [{', '.join(unknown)}] are not supported for Import"
    for one in wanted:
        stated = (template.get("Resources") or {}).get(one["LogicalResourceId"], {}).get("Properties") or {}
        for part, value in one["ResourceIdentifier"].items():
            if isinstance(stated.get(part), str) and stated[part] != value:
                return (
                    f"The Identifier [{part}] for resource [{one['LogicalResourceId']}] does not match the identifier value for "
                    "the resource in the template"
                )
    return ""


def _summarized(summarize: Callable[[Parameters], Response]) -> Callable[[Parameters], Response]:
    """GetTemplateSummary with the identifiers of what can be imported (API_GetTemplateSummary.html, ResourceIdentifierSummaries)."""

    def summarized(params: Parameters) -> Response:
        status, headers, body = summarize(params)
        text = helpers._p(params, "TemplateBody")
        if status != 200 or not text:
            return status, headers, body
        by_type: dict[str, list[str]] = {}
        for logical_id, definition in (changesets._parse_template(text).get("Resources") or {}).items():
            by_type.setdefault(definition["Type"], []).append(logical_id)
        told = "".join(_summary(of, ids) for of, ids in sorted(by_type.items()) if importable(of))
        end = b"</GetTemplateSummaryResult>"
        return (
            status,
            headers,
            body.replace(end, f"<ResourceIdentifierSummaries>{told}</ResourceIdentifierSummaries>".encode() + end),
        )

    return summarized


def _summary(of: str, logical_ids: list[str]) -> str:
    ids = "".join(f"<member>{escape(one)}</member>" for one in logical_ids)
    parts = "".join(f"<member>{one}</member>" for one in importable(of))
    return (
        f"<member><ResourceType>{of}</ResourceType><LogicalResourceIds>{ids}</LogicalResourceIds>"
        f"<ResourceIdentifiers>{parts}</ResourceIdentifiers></member>"
    )


async def _import(change_set: dict, stack: dict, new_stack: bool) -> None:
    request = deployment.Request(change_set["_template"], change_set["_resolved_params"], stack.get("Tags") or [])
    operation = Import(catalogue.TYPES, stack, request, change_set["_resources_to_import"], new_stack)
    await run_reentrant(operation.run)
    if stack["StackStatus"] == "IMPORT_COMPLETE":
        stack["_template_body"] = change_set["_template_body"]
        stack["Parameters"] = [
            {"ParameterKey": name, "ParameterValue": one["Value"], "NoEcho": one["NoEcho"]}
            for name, one in change_set["_resolved_params"].items()
        ]


class Import(deployment.Deployment):
    """The execution of an IMPORT change set: adopt in order, then update each in order."""

    def __init__(
        self,
        types: dict[str, ResourceType],
        stack: dict[str, Any],
        request: deployment.Request,
        wanted: list[dict[str, Any]],
        new_stack: bool,
    ) -> None:
        super().__init__(types, stack, request)
        self.identifiers = {one["LogicalResourceId"]: one["ResourceIdentifier"] for one in wanted}
        self.new_stack, self.verb = new_stack, "IMPORT"

    def run(self) -> None:
        """Do all of it, or give back what was adopted, as it is by then."""
        order = engine._topological_sort(self.definitions, self.conditions)
        order = [one for one in order if one in self.identifiers]
        begun: list[str] = []
        try:
            self._refuse_what_is_not_held(order)
            for logical_id in order:
                begun.append(logical_id)
                self._adopt(logical_id)
            for logical_id in order:
                self._tag(logical_id)
        except Exception as problem:  # whatever went wrong, CloudFormation rolls back
            self._give_back(begun, str(problem))
            return
        self.stack.update(
            _template=self.request.template, _resolved_params=self.request.parameters, _conditions=self.conditions
        )
        self._status("IMPORT_COMPLETE")

    def _adopt(self, logical_id: str) -> None:
        self._event(logical_id, "IMPORT_IN_PROGRESS", stacks._IMPORT_STARTED)
        try:
            record = self._record(logical_id, self.definitions[logical_id])
            faults.strike("import", logical_id, "before")
            record["PhysicalResourceId"], record["Attributes"] = self._type(record).adopt(self.identifiers[logical_id])
            faults.strike("import", logical_id, "after")
        except Exception as problem:
            self._event(logical_id, "IMPORT_FAILED", str(problem))
            raise
        self.records[logical_id] = record
        self._event(logical_id, "IMPORT_COMPLETE", stacks._IMPORT_COMPLETED, record["PhysicalResourceId"])

    def _tag(self, logical_id: str) -> None:
        record = self.records[logical_id]
        self._event(logical_id, "UPDATE_IN_PROGRESS", stacks._IMPORT_TAGS, record["PhysicalResourceId"])
        try:
            faults.strike("update", logical_id, "before")
            if self._type(record).holds - self._type(record).replaces:  # what is create-only has no update handler
                self._write(record)
            faults.strike("update", logical_id, "after")
        except Exception as problem:
            self._event(logical_id, "UPDATE_FAILED", str(problem), record["PhysicalResourceId"])
            raise
        record["ResourceStatus"] = "UPDATE_COMPLETE"
        self._event(logical_id, "UPDATE_COMPLETE", "", record["PhysicalResourceId"])

    def _write(self, record: Record) -> None:
        """Bring what is there to what the template says, or tag it."""
        kind, physical_id = self._type(record), record["PhysicalResourceId"]
        actual, wanted = kind.actual(physical_id), self._tagged(record)
        if models.current.afterImport == models.TAG:
            wanted = {**actual, "Tags": _with_system_tags(actual, wanted)} if "Tags" in wanted else actual
        else:
            actual = {name: value for name, value in actual.items() if name in wanted or name not in _fixed(kind)}
            if kind.replaced_by(actual, wanted):
                raise Refusal(kind.name, "NotUpdatable", "what is create-only differs from what the template says")
        contracts.hold("update", kind.name, actual, wanted, physical_id, record["Attributes"], record["Definition"])
        _, record["Attributes"] = kind.update(self._place(record), physical_id, actual, wanted)

    def _give_back(self, begun: list[str], reason: str) -> None:
        """Out of the stack again; what the updates wrote stays."""
        self._status("IMPORT_ROLLBACK_IN_PROGRESS", reason)
        for logical_id in reversed(begun):
            physical_id = self.records.pop(logical_id, {}).get("PhysicalResourceId", "")
            for status in ("IMPORT_ROLLBACK_IN_PROGRESS", "IMPORT_ROLLBACK_COMPLETE"):
                self._event(logical_id, status, "", physical_id)
        self._status("ROLLBACK_COMPLETE" if self.new_stack else "IMPORT_ROLLBACK_COMPLETE")


def _fixed(kind: ResourceType) -> frozenset[str]:
    """The properties that a handler cannot change: those it is not told are as they are."""
    return kind.replaces | {"BlockDeviceMappings"}


def _with_system_tags(actual: Properties, wanted: Properties) -> list[dict[str, str]]:
    system = [one for one in wanted["Tags"] if re.match("aws:cloudformation:", one["Key"])]
    kept = [one for one in actual.get("Tags", []) if one["Key"] not in {tag["Key"] for tag in system}]
    return [*kept, *system]
