"""Systems Manager: parameters, documents, and associations, whose runs end as associations.take() says.

The API's answers: systems-manager/latest/APIReference/API_DescribeAssociation.html, API_ListAssociations.html,
API_DescribeAssociationExecutions.html, API_DescribeAssociationExecutionTargets.html, API_DescribeDocument.html,
API_GetDocument.html, API_ListDocumentVersions.html.
"""

import copy
import json
import re
import threading
import time
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, json_response, new_uuid
from ministack.services import ec2, ssm

from .. import actions, associations, clock, machines, waiting
from ..resources import Made, Native, Place, Properties, Refusal, ResourceType, generated_name
from . import logs, network

SERVICE = "Ssm"
AWS_DOCUMENTS = ("AWS-", "AmazonCloudWatch-")
"""How the names of documents begin that AWS has."""
RUNNING = ("Pending", "InProgress")
SCHEDULE = re.compile(r"rate\((1 (hour|day)|(30|3[1-9]|[4-9]\d|\d{3,}) minutes|\d+ (hours|days))\)|cron\(.+\)|at\(.+\)")
"""When an association runs again: every half hour at most
(systems-manager/latest/userguide/reference-cron-and-rate-expressions.html). It runs at once all the same, of which
ApplyOnlyAtCronInterval would take a cron alone off (API_CreateAssociation.html); that it runs again is not played."""

_documents: dict[str, dict[str, Any]] = {}  # name: Versions (content by number), Default, Type, Tags
_associations: dict[str, dict[str, Any]] = {}  # association id: its description and its Executions


def refuse(code: str, message: str) -> Refusal:
    return Refusal(SERVICE, code, message)


# ---- parameters


class Parameter(Native):
    """A parameter of the standard tier."""

    def __init__(self) -> None:
        super().__init__("AWS::SSM::Parameter", ("Name", "Type", "Value", "Description", "Tags.*"), ("Name",), "Name")

    def taken(self, properties: Properties) -> bool:
        return "Name" in properties and bool(ssm._lookup_parameter(properties["Name"])[1])

    def create(self, place: Place, properties: Properties) -> Made:
        return super().create(place, {"Name": generated_name(place, 512), **properties})


# ---- documents


class Document(ResourceType):
    """A document. With UpdateMethod NewVersion a change makes a version and its new default; otherwise it replaces
    (AWSCloudFormation/latest/UserGuide/aws-resource-ssm-document.html, UpdateMethod)."""

    name = "AWS::SSM::Document"
    holds = frozenset(("Content.*", "DocumentType", "Name", "Tags.*", "UpdateMethod"))
    replaces = frozenset(("DocumentType", "Name"))
    physical_name = "Name"

    def taken(self, properties: Properties) -> bool:
        return properties.get("Name") in _documents

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        in_place = new.get("UpdateMethod") == "NewVersion"
        return super().replaced_by(old, new) or (not in_place and old["Content"] != new["Content"])

    def create(self, place: Place, properties: Properties) -> Made:
        name = properties.get("Name") or generated_name(place, 128)
        _documents[name] = {
            "Name": name,
            "Type": properties.get("DocumentType", "Command"),
            "Versions": {},
            "Default": 0,
            "CreatedDate": time.time(),
            "Tags": [],
        }
        try:
            self._add_version(name, properties)
        except Refusal:
            del _documents[name]
            raise
        return name, {}

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        if old["Content"] != new["Content"]:
            self._add_version(physical_id, new)
        _documents[physical_id]["Tags"] = [dict(tag) for tag in new.get("Tags", [])]
        return physical_id, {}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        keep_document(physical_id)
        _documents.pop(physical_id, None)

    @staticmethod
    def _add_version(name: str, properties: Properties) -> None:
        """An equal version that exists becomes the default again: content is not stored twice."""
        content = properties["Content"]
        parsed = json.loads(content) if isinstance(content, str) else copy.deepcopy(content)
        if "schemaVersion" not in parsed or not (parsed.get("mainSteps") or parsed.get("runtimeConfig")):
            raise refuse("InvalidDocumentContent", "The document needs schemaVersion and mainSteps.")
        document = _documents[name]
        same = [number for number, one in document["Versions"].items() if one == parsed]
        document["Default"] = same[0] if same else len(document["Versions"]) + 1
        document["Versions"][document["Default"]] = parsed
        document["Tags"] = [dict(tag) for tag in properties.get("Tags", [])]


def keep_document(name: str) -> None:
    """Refuse the removal of a document that an association runs (API_DeleteDocument.html: AssociatedInstances)."""
    if any(one["Name"] == name for one in _associations.values()):
        raise refuse(
            "AssociatedInstances", "You must disassociate a document from all managed nodes before you can delete it."
        )


# ---- associations


class Association(ResourceType):
    """An association: it runs when it is made and whenever it changes (API_UpdateAssociation.html), and a deployment waits
    for the run where WaitForSuccessTimeoutSeconds says how long."""

    name = "AWS::SSM::Association"
    holds = frozenset(
        (
            "AssociationName",
            "Name",
            "Parameters.*",
            "ScheduleExpression",
            "Targets.Key",
            "Targets.Values",
            "WaitForSuccessTimeoutSeconds",
        )
    )

    def create(self, place: Place, properties: Properties) -> Made:
        self._check(properties)
        association_id = new_uuid()
        _associations[association_id] = {
            "AssociationId": association_id,
            "AssociationVersion": 0,
            "Date": time.time(),
            "Executions": [],
        }
        try:
            return self._apply(place, association_id, properties)
        except Exception:
            _associations.pop(association_id, None)
            raise

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        self._check(new)
        return self._apply(place, physical_id, new)

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        _associations.pop(physical_id, None)

    @staticmethod
    def _check(properties: Properties) -> None:
        schedule = properties.get("ScheduleExpression", "rate(1 day)")
        if not SCHEDULE.fullmatch(schedule):
            raise refuse("InvalidSchedule", f"The schedule is invalid: {schedule}")
        document = _documents.get(properties["Name"])
        if document is None and not properties["Name"].startswith(AWS_DOCUMENTS):
            raise refuse("InvalidDocument", f"Document with name {properties['Name']} does not exist.")
        known = (
            document["Versions"][document["Default"]].get("parameters", {})
            if document
            else properties.get("Parameters", {})
        )
        unknown = properties.get("Parameters", {}).keys() - known.keys()
        if unknown:
            raise refuse(
                "InvalidParameters",
                f"Parameters {sorted(unknown)} are not defined in the document {properties['Name']}.",
            )

    @staticmethod
    def _apply(place: Place, association_id: str, properties: Properties) -> Made:
        association = _associations[association_id]
        association.update(
            {
                key: copy.deepcopy(properties.get(key))
                for key in ("AssociationName", "Name", "Parameters", "ScheduleExpression", "Targets")
            },
            AssociationVersion=association["AssociationVersion"] + 1,
            LastUpdate=time.time(),
        )
        execution = run(association_id)
        patience = properties.get("WaitForSuccessTimeoutSeconds")
        if patience:
            waiting.until(
                place,
                lambda: execution["Status"] not in RUNNING,
                float(patience),
                f"Association {association_id} did not succeed within {patience} seconds",
            )
            if execution["Status"] != "Success":
                raise refuse(
                    "AssociationFailed", f"Association {association_id} ended with status {execution['Status']}"
                )
        return association_id, {"AssociationId": association_id}


def run(association_id: str) -> dict[str, Any]:
    """Start a run on the targets that there are; it ends by itself."""
    association, behaviour = _associations[association_id], associations.take()
    targets = [
        one["InstanceId"]
        for one in network.live_instances()
        if any(_matches(one, target) for target in association["Targets"] or [])
    ]
    execution = {
        "AssociationId": association_id,
        "AssociationVersion": str(association["AssociationVersion"]),
        "ExecutionId": new_uuid(),
        "Status": "InProgress" if targets else "Pending",
        "CreatedTime": time.time(),
        "Targets": targets,
    }
    association["Executions"].append(execution)
    if targets and behaviour.delaySeconds:
        threading.Thread(
            target=_end_later, args=(execution, behaviour), daemon=True, name=f"association {association_id}"
        ).start()
    elif targets:
        _end(execution, behaviour)
    return execution


def _matches(instance: dict[str, Any], target: dict[str, Any]) -> bool:
    key, values = target["Key"], target["Values"]
    if key.lower() == "instanceids":
        return instance["InstanceId"] in values or "*" in values
    tags = {tag["Key"]: tag["Value"] for tag in ec2._tags.get(instance["InstanceId"], [])}
    return key.startswith("tag:") and tags.get(key.removeprefix("tag:")) in values


def _end_later(execution: dict[str, Any], behaviour: associations.Behaviour) -> None:
    clock.sleep(behaviour.delaySeconds)
    _end(execution, behaviour)


def _end(execution: dict[str, Any], behaviour: associations.Behaviour) -> None:
    association = _associations.get(execution["AssociationId"], {})
    if behaviour.outcome == "success" and "gitRef" in (association.get("Parameters") or {}):
        for target in execution["Targets"]:
            machines.prove(logs.stack_of(target), target)
    execution.update(Status=associations.OUTCOMES[behaviour.outcome], LastExecutionDate=time.time())


# ---- the API


def _association(data: dict[str, Any]) -> dict[str, Any]:
    """The association that an id, or a document's name with an instance, names."""
    wanted, name, instance = data.get("AssociationId"), data.get("Name"), data.get("InstanceId")
    for one in _associations.values():
        if one["AssociationId"] == wanted or (
            not wanted and one["Name"] == name and instance in one["Executions"][-1]["Targets"]
        ):
            return one
    raise refuse("AssociationDoesNotExist", "The specified association does not exist.")


def _described(association: dict[str, Any]) -> dict[str, Any]:
    last = association["Executions"][-1]
    overview = {"Status": last["Status"], "DetailedStatus": last["Status"]}
    if last["Targets"]:
        overview["AssociationStatusAggregatedCount"] = {last["Status"]: len(last["Targets"])}
    names = ("AssociationId", "AssociationName", "Name", "ScheduleExpression", "Targets", "Parameters")
    fields = {key: association[key] for key in names if association.get(key)}
    times = {"LastExecutionDate": last["LastExecutionDate"]} if "LastExecutionDate" in last else {}
    return {
        **fields,
        **times,
        "AssociationVersion": str(association["AssociationVersion"]),
        "Date": association["Date"],
        "DocumentVersion": "$DEFAULT",
        "Overview": overview,
        "LastUpdateAssociationDate": association["LastUpdate"],
    }


def _describe_association(data: dict[str, Any]) -> dict[str, Any]:
    return {"AssociationDescription": _described(_association(data))}


def _list_associations(data: dict[str, Any]) -> dict[str, Any]:
    keys = {"Name": "Name", "AssociationId": "AssociationId", "AssociationName": "AssociationName"}
    filters = {one["key"]: one["value"] for one in data.get("AssociationFilterList", [])}
    if unknown := filters.keys() - keys.keys():
        raise refuse("InvalidFilter", f"the emulator does not hold the filters {sorted(unknown)}")
    shown = [
        _described(one)
        for one in _associations.values()
        if all(one.get(keys[key]) == value for key, value in filters.items())
    ]
    return {
        "Associations": [
            {key: value for key, value in one.items() if key not in ("Parameters", "Date", "LastUpdateAssociationDate")}
            for one in shown
        ]
    }


def _executions(data: dict[str, Any]) -> dict[str, Any]:
    """Newest first."""
    runs = reversed(_association(data)["Executions"])
    return {
        "AssociationExecutions": [
            {
                **{key: value for key, value in one.items() if key != "Targets"},
                "DetailedStatus": one["Status"],
                "ResourceCountByStatus": f"{{{one['Status']}={len(one['Targets'])}}}",
            }
            for one in runs
        ]
    }


def _execution_targets(data: dict[str, Any]) -> dict[str, Any]:
    runs = {one["ExecutionId"]: one for one in _association(data)["Executions"]}
    if data["ExecutionId"] not in runs:
        raise refuse(
            "AssociationExecutionDoesNotExist",
            "The specified execution ID does not exist. Verify the ID number and try again.",
        )
    one = runs[data["ExecutionId"]]
    shown = {
        key: one[key]
        for key in ("AssociationId", "AssociationVersion", "ExecutionId", "Status", "LastExecutionDate")
        if key in one
    }
    return {
        "AssociationExecutionTargets": [
            {**shown, "DetailedStatus": one["Status"], "ResourceId": target, "ResourceType": "ManagedInstance"}
            for target in one["Targets"]
        ]
    }


def _start_once(data: dict[str, Any]) -> dict[str, Any]:
    for association_id in data["AssociationIds"]:
        run(_association({"AssociationId": association_id})["AssociationId"])
    return {}


def _document(data: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The document that a name names, and the number of the version asked for."""
    document = _documents.get(data["Name"])
    if document is None:
        raise refuse("InvalidDocument", f"Document with name {data['Name']} does not exist.")
    latest = max(document["Versions"])
    wanted = data.get("DocumentVersion") or "$DEFAULT"
    number = {"$DEFAULT": document["Default"], "$LATEST": latest}.get(wanted) or int(wanted)
    if number not in document["Versions"]:
        raise refuse("InvalidDocumentVersion", f"Document version {wanted} is invalid.")
    return document, number


def _describe_document(data: dict[str, Any]) -> dict[str, Any]:
    document, number = _document(data)
    return {
        "Document": {
            **_summary(document),
            "DocumentVersion": str(number),
            "CreatedDate": document["CreatedDate"],
            "Status": "Active",
            "DefaultVersion": str(document["Default"]),
            "LatestVersion": str(max(document["Versions"])),
        }
    }


def _get_document(data: dict[str, Any]) -> dict[str, Any]:
    document, number = _document(data)
    return {
        "Name": document["Name"],
        "DocumentVersion": str(number),
        "Status": "Active",
        "DocumentType": document["Type"],
        "DocumentFormat": "JSON",
        "Content": json.dumps(document["Versions"][number]),
    }


def _list_documents(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "DocumentIdentifiers": [
            {**_summary(one), "DocumentVersion": str(one["Default"])} for one in _documents.values()
        ]
    }


def _list_versions(data: dict[str, Any]) -> dict[str, Any]:
    document, _ = _document({"Name": data["Name"]})
    return {
        "DocumentVersions": [
            {
                "Name": document["Name"],
                "DocumentVersion": str(number),
                "DocumentFormat": "JSON",
                "Status": "Active",
                "IsDefaultVersion": number == document["Default"],
            }
            for number in sorted(document["Versions"], reverse=True)
        ]
    }


def _delete_document(data: dict[str, Any]) -> dict[str, Any]:
    _document({"Name": data["Name"]})
    keep_document(data["Name"])
    del _documents[data["Name"]]
    return {}


def _summary(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": document["Name"],
        "DocumentType": document["Type"],
        "DocumentFormat": "JSON",
        "Tags": document["Tags"],
        "SchemaVersion": document["Versions"][document["Default"]]["schemaVersion"],
        "Owner": get_account_id(),
    }


ACTIONS = {
    "DescribeAssociation": _describe_association,
    "ListAssociations": _list_associations,
    "StartAssociationsOnce": _start_once,
    "DescribeAssociationExecutions": _executions,
    "DescribeAssociationExecutionTargets": _execution_targets,
    "DescribeDocument": _describe_document,
    "GetDocument": _get_document,
    "ListDocuments": _list_documents,
    "ListDocumentVersions": _list_versions,
    "DeleteDocument": _delete_document,
}


def install() -> None:
    """Answer for documents and associations before ministack says that it does not know them."""
    others = ssm.handle_request

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> actions.Response:
        action = ACTIONS.get(headers.get("x-amz-target", "").rsplit(".", 1)[-1])
        answer: actions.Response
        if action is None:
            answer = await others(method, path, headers, body, query)
            return answer
        try:
            answer = json_response(action(json.loads(body or b"{}")))
        except Refusal as problem:
            answer = error_response_json(problem.code, problem.message, 400)
        return answer

    ssm.handle_request = handle


def reset() -> None:
    _documents.clear()
    _associations.clear()


TYPES = (Parameter(), Document(), Association())
