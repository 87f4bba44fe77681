"""Systems Manager: parameters, documents, and associations, whose runs end as associations.current() says.

The API's answers: systems-manager/latest/APIReference/API_DescribeAssociation.html, API_ListAssociations.html,
API_DescribeAssociationExecutions.html, API_DescribeAssociationExecutionTargets.html, API_DescribeDocument.html, API_GetDocument.html,
API_ListDocumentVersions.html.
"""

import copy
import json
import threading
import time
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import ec2, ssm

from .. import associations, clock, waiting
from ..resources import Made, Native, Place, Properties, Refusal, ResourceType, generated_name
from . import network

SERVICE = "Ssm"
STANDARD_LIMIT = 4096
"""Characters of a standard parameter's value (systems-manager/latest/userguide/parameter-store-advanced-parameters.html)."""
RUNNING = ("Pending", "InProgress")

_documents: dict[str, dict[str, Any]] = {}  # name: Versions (content by number), Default, Type, Tags
_associations: dict[str, dict[str, Any]] = {}  # association id: its description and its Executions


def refuse(code: str, message: str) -> Refusal:
    return Refusal(SERVICE, code, message)


# ---- parameters

class Parameter(Native):
    """A parameter of the standard tier."""

    def __init__(self) -> None:
        super().__init__("AWS::SSM::Parameter", ("Name", "Type", "Value", "Description", "Tags.*"), ("Name",), "Name")

    def create(self, place: Place, properties: Properties) -> Made:
        self._check(properties)
        name = properties.get("Name") or generated_name(place, 512)
        if ssm._lookup_parameter(name)[1]:
            raise refuse("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in "
                         "the request to true.")
        return super().create(place, {**properties, "Name": name})

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        self._check(new)
        return super().update(place, physical_id, old, new)

    @staticmethod
    def _check(properties: Properties) -> None:
        if len(properties["Value"]) > STANDARD_LIMIT:
            raise refuse("ValidationException", f"Standard tier parameters support a maximum parameter value of {STANDARD_LIMIT} "
                         "characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.")


# ---- documents

class Document(ResourceType):
    """A document. With UpdateMethod NewVersion a change makes a version and its new default; otherwise it replaces
    (AWSCloudFormation/latest/UserGuide/aws-resource-ssm-document.html, UpdateMethod)."""

    name = "AWS::SSM::Document"
    holds = frozenset(("Content.*", "DocumentType", "Name", "Tags.*", "UpdateMethod"))
    replaces = frozenset(("DocumentType", "Name"))
    physical_name = "Name"

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        in_place = new.get("UpdateMethod") == "NewVersion"
        return super().replaced_by(old, new) or (not in_place and old["Content"] != new["Content"])

    def create(self, place: Place, properties: Properties) -> Made:
        name = properties.get("Name") or generated_name(place, 128)
        if name in _documents:
            raise refuse("DocumentAlreadyExists", f"Document with same name {name} already exists")
        _documents[name] = {"Name": name, "Type": properties.get("DocumentType", "Command"), "Versions": {}, "Default": 0,
                            "CreatedDate": time.time(), "Tags": []}
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
        raise refuse("AssociatedInstances", "You must disassociate a document from all managed nodes before you can delete it.")


# ---- associations

class Association(ResourceType):
    """An association: it runs when it is made and whenever it changes (API_UpdateAssociation.html), and a deployment waits
    for the run where WaitForSuccessTimeoutSeconds says how long."""

    name = "AWS::SSM::Association"
    holds = frozenset(("AssociationName", "Name", "Parameters.*", "Targets.Key", "Targets.Values", "WaitForSuccessTimeoutSeconds"))

    def create(self, place: Place, properties: Properties) -> Made:
        self._check(properties)
        association_id = new_uuid()
        _associations[association_id] = {"AssociationId": association_id, "AssociationVersion": 0, "Date": time.time(), "Executions": []}
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
        document = _documents.get(properties["Name"])
        if document is None and not properties["Name"].startswith("AWS-") and not properties["Name"].startswith("AmazonCloudWatch-"):
            raise refuse("InvalidDocument", f"Document with name {properties['Name']} does not exist.")
        known = document["Versions"][document["Default"]].get("parameters", {}) if document else properties.get("Parameters", {})
        unknown = properties.get("Parameters", {}).keys() - known.keys()
        if unknown:
            raise refuse("InvalidParameters", f"Parameters {sorted(unknown)} are not defined in the document {properties['Name']}.")

    @staticmethod
    def _apply(place: Place, association_id: str, properties: Properties) -> Made:
        association = _associations[association_id]
        association.update({key: copy.deepcopy(properties.get(key)) for key in ("AssociationName", "Name", "Parameters", "Targets")},
                           AssociationVersion=association["AssociationVersion"] + 1, LastUpdate=time.time())
        execution = run(association_id)
        patience = properties.get("WaitForSuccessTimeoutSeconds")
        if patience:
            waiting.until(place, lambda: execution["Status"] not in RUNNING, float(patience),
                          f"Association {association_id} did not succeed within {patience} seconds")
            if execution["Status"] != "Success":
                raise refuse("AssociationFailed", f"Association {association_id} ended with status {execution['Status']}")
        return association_id, {"AssociationId": association_id}


def run(association_id: str) -> dict[str, Any]:
    """Start a run on the targets that there are; it ends by itself."""
    association, behaviour = _associations[association_id], associations.current()
    targets = [one["InstanceId"] for one in network.live_instances() if any(_matches(one, target) for target in association["Targets"] or [])]
    execution = {"AssociationId": association_id, "AssociationVersion": str(association["AssociationVersion"]), "ExecutionId": new_uuid(),
                 "Status": "InProgress" if targets else "Pending", "CreatedTime": time.time(), "Targets": targets}
    association["Executions"].append(execution)
    if targets and behaviour.delaySeconds:
        threading.Thread(target=_end_later, args=(execution, behaviour), daemon=True, name=f"association {association_id}").start()
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
    execution.update(Status=associations.OUTCOMES[behaviour.outcome], LastExecutionDate=time.time())


def reset() -> None:
    _documents.clear()
    _associations.clear()


TYPES = (Parameter(), Document(), Association())
