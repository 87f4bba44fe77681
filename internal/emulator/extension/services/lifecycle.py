"""Snapshot policies of Data Lifecycle Manager. They make a snapshot when they are told to: no day passes here.

Its API: dlm/latest/APIReference/API_GetLifecyclePolicies.html and API_GetLifecyclePolicy.html.
"""

import json
import re
from typing import Any

from ministack import app
from ministack.core import router
from ministack.core.responses import get_account_id, get_region, now_iso
from ministack.services import ec2, iam

from .. import actions
from ..resources import Made, Place, Properties, Refusal, ResourceType
from .network import new_id

SERVICE = "dlm"

_policies: dict[str, dict[str, Any]] = {}  # policy id: the policy


class LifecyclePolicy(ResourceType):
    """A policy; everything changes in place."""

    name = "AWS::DLM::LifecyclePolicy"
    holds = frozenset(("Description", "ExecutionRoleArn", "PolicyDetails.*", "State", "Tags.*"))

    def create(self, place: Place, properties: Properties) -> Made:
        self._check(properties)
        policy_id = new_id("policy-")
        arn = f"arn:aws:dlm:{get_region()}:{get_account_id()}:policy/{policy_id}"
        _policies[policy_id] = {"PolicyId": policy_id, "PolicyArn": arn, "DateCreated": now_iso()}
        return self.update(place, policy_id, {}, properties)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        self._check(new)
        policy = _policies[physical_id]
        tags = {tag["Key"]: tag["Value"] for tag in new.get("Tags", [])}
        policy.update(
            {key: new[key] for key in ("Description", "ExecutionRoleArn", "State", "PolicyDetails")},
            Tags=tags,
            DateModified=now_iso(),
        )
        return physical_id, {"Arn": policy["PolicyArn"], "PolicyId": physical_id}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        _policies.pop(physical_id, None)

    @staticmethod
    def _check(properties: Properties) -> None:
        role = properties["ExecutionRoleArn"].rsplit("/", 1)[-1]
        if role not in iam._roles:
            raise Refusal(
                SERVICE, "InvalidRequestException", f"The role {properties['ExecutionRoleArn']} does not exist."
            )
        for schedule in properties["PolicyDetails"].get("Schedules", []):
            if not {"Name", "CreateRule", "RetainRule"} <= schedule.keys():
                raise Refusal(SERVICE, "InvalidRequestException", "A schedule needs Name, CreateRule and RetainRule.")


def run() -> None:
    """What the policies do each day: a snapshot of every volume of the instances that they are for, of which they keep the last.

    The tags are from memory (EBS User Guide, "How Amazon Data Lifecycle Manager works").
    """
    for policy in _policies.values():
        details = policy["PolicyDetails"]
        for volume in [one for one in ec2._volumes.values() if _of(one, details["TargetTags"])]:
            for schedule in details["Schedules"]:
                _snapshot(policy["PolicyId"], schedule, volume["VolumeId"])


def _of(volume: dict[str, Any], wanted: list[dict[str, str]]) -> bool:
    holders = [one["InstanceId"] for one in volume["Attachments"]]
    return any(tag in ec2._tags.get(holder, []) for holder in holders for tag in wanted)


def _snapshot(policy_id: str, schedule: dict[str, Any], volume_id: str) -> None:
    description = f"Created for policy: {policy_id} schedule: {schedule['Name']}"
    ec2._create_snapshot({"VolumeId": [volume_id], "Description": [description]})
    own = [
        key for key, one in ec2._snapshots.items() if (one["VolumeId"], one["Description"]) == (volume_id, description)
    ]
    tags = {
        "aws:dlm:lifecycle-policy-id": policy_id,
        "aws:dlm:lifecycle-schedule-name": schedule["Name"],
        "dlm:managed": "true",
    }
    ec2._tags[own[-1]] = [{"Key": key, "Value": value} for key, value in tags.items()]
    for old in own[: -int(schedule["RetainRule"]["Count"])]:
        del ec2._snapshots[old]


async def _handle(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> actions.Response:
    """GET /policies and GET /policies/ID; the policies of accounts and regions are not kept apart."""
    if method == "GET" and path.rstrip("/") == "/policies":
        return _json(200, {"Policies": [_summary(one) for one in _policies.values() if _wanted(one, query)]})
    found = re.fullmatch(r"/policies/([\w-]+)/?", path)
    if method == "GET" and found and found.group(1) in _policies:
        return _json(200, {"Policy": _policies[found.group(1)]})
    if method == "GET" and found:
        return _json(
            404,
            {"__type": "ResourceNotFoundException", "Message": f"Lifecycle policy {found.group(1)} does not exist."},
        )
    return _json(400, {"__type": "InvalidRequestException", "Message": f"the emulator does not hold {method} {path}"})


def _summary(policy: dict[str, Any]) -> dict[str, Any]:
    return {
        **{key: policy[key] for key in ("PolicyId", "Description", "State", "Tags")},
        "PolicyType": "EBS_SNAPSHOT_MANAGEMENT",
    }


def _wanted(policy: dict[str, Any], query: dict[str, Any]) -> bool:
    ids, state = query.get("policyIds"), actions.one(query, "state")
    return (not ids or policy["PolicyId"] in ids) and (not state or policy["State"] == state)


def _json(status: int, content: dict[str, Any]) -> actions.Response:
    headers = {"Content-Type": "application/json"}
    if status >= 400:
        headers["x-amzn-ErrorType"] = content["__type"]
    return status, headers, json.dumps(content).encode()


def install() -> None:
    router.SERVICE_PATTERNS[SERVICE] = {"host_patterns": [r"^dlm\."]}
    app.SERVICE_HANDLERS[SERVICE] = _handle


def reset() -> None:
    _policies.clear()


TYPES = (LifecyclePolicy(),)
