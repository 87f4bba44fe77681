"""Auto Scaling groups and the instances in them: launched from their template, spread over zones, known to the balancer.

An activity lasts as long as its machine takes to boot (machines.py), usually no time. A group is looked at whenever it is
asked for or changed; nothing watches it in between.
"""

import threading
import time
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import autoscaling, ec2

from .. import clock, machines, models
from ..resources import Place, Properties, Refusal
from . import balancing, compute, quotas

SERVICE = "AutoScaling"
Group = dict[str, Any]
Instance = dict[str, Any]

LOCK = threading.RLock()
"""Held while a group changes: the engine works on a thread, requests on the event loop."""

LATER = ("VcpuLimitExceeded",)
"""Refusals that fail an activity of a group that stands: it tries again
(autoscaling/ec2/userguide/ts-as-instancelaunchfailure.html). A group that is created is refused
(github.com/cloudcaptainsh/cloudcaptain/issues/216)."""

METRICS = tuple(
    f"Group{name}"
    for name in (
        "MinSize",
        "MaxSize",
        "DesiredCapacity",
        "InServiceInstances",
        "PendingInstances",
        "StandbyInstances",
        "TerminatingInstances",
        "TotalInstances",
        "InServiceCapacity",
        "PendingCapacity",
        "StandbyCapacity",
        "TerminatingCapacity",
        "TotalCapacity",
    )
)
"""autoscaling/ec2/APIReference/API_EnableMetricsCollection.html"""


def refuse(code: str, message: str) -> Refusal:
    """A refusal of Auto Scaling."""
    return Refusal(SERVICE, code, message)


def find(name: str) -> Group:
    """The group of that name, or a refusal."""
    if name not in autoscaling._asgs:
        raise refuse("ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup {name} not found")
    group: Group = autoscaling._asgs[name]
    return group


# ---- making, changing and removing a group


def create(name: str, properties: Properties, place: Place) -> Group:
    """API_CreateAutoScalingGroup.html"""
    with LOCK:
        if name in autoscaling._asgs:
            raise refuse(
                "AlreadyExists",
                f"AutoScalingGroup by this name already exists - A group with the name {name} already exists",
            )
        quotas.hold(quotas.FLEETS, len(autoscaling._asgs), SERVICE, "LimitExceeded", "Auto Scaling groups")
        _require_role()
        group: Group = {
            "AutoScalingGroupName": name,
            "Instances": [],
            "CreatedTime": now(),
            "SuspendedProcesses": [],
            "_activities": [],
            "_stack_id": place.stack_id,
            "_logical_id": place.logical_id,
            "_cooldown_until": 0.0,
            "AutoScalingGroupARN": _arn(name),
            "DesiredCapacity": int(_either(properties, "DesiredCapacity", "MinSize", 0)),
            **configured(properties),
        }
        check(group)
        autoscaling._asgs[name] = group
        tag(group, properties)
        try:
            settle(
                group,
                f"a user request created an AutoScalingGroup changing the desired capacity from 0 to {group['DesiredCapacity']}.",
                later=(),
            )
        except Refusal as refusal:
            remove(name)
            raise refuse(
                "ValidationError", f"You must use a valid fully-formed launch template. {refusal.message}"
            ) from refusal
        return group


def _require_role() -> None:
    """The first group of an account brings the role of the service, which may come too late for that group
    (autoscaling/ec2/userguide/autoscaling-service-linked-role.html; github.com/pelias/kubernetes/issues/32)."""
    if models.current.scalingRole == models.MISSING:
        models.current.scalingRole = models.THERE
        raise refuse("AccessDenied", "The default Service-Linked Role for Auto Scaling could not be created.")


def _arn(name: str) -> str:
    return f"arn:aws:autoscaling:{get_region()}:{get_account_id()}:autoScalingGroup:{new_uuid()}:autoScalingGroupName/{name}"


def configured(properties: Properties) -> Group:
    """What a template or a request says of a group, capacity left out."""
    zones = properties.get("VPCZoneIdentifier") or []
    zones = zones.split(",") if isinstance(zones, str) else zones
    collections = properties.get("MetricsCollection") or []
    return {
        "LaunchTemplate": template_named(properties.get("LaunchTemplate") or {}),
        "MinSize": int(properties["MinSize"]),
        "MaxSize": int(properties["MaxSize"]),
        "DefaultCooldown": int(_either(properties, "Cooldown", "DefaultCooldown", 300)),
        "DefaultInstanceWarmup": _number(properties.get("DefaultInstanceWarmup")),
        "AvailabilityZones": sorted({ec2._subnets[one]["AvailabilityZone"] for one in zones if one in ec2._subnets}),
        "HealthCheckType": properties.get("HealthCheckType", "EC2"),
        "HealthCheckGracePeriod": int(properties.get("HealthCheckGracePeriod", 0)),
        "VPCZoneIdentifier": ",".join(zones),
        "TargetGroupARNs": list(properties.get("TargetGroupARNs") or []),
        "TerminationPolicies": list(properties.get("TerminationPolicies") or ["Default"]),
        "NewInstancesProtectedFromScaleIn": str(properties.get("NewInstancesProtectedFromScaleIn", False)).lower()
        == "true",
        "EnabledMetrics": [
            {"Metric": metric, "Granularity": one["Granularity"]}
            for one in collections
            for metric in one.get("Metrics") or METRICS
        ],
    }


def _either(properties: Properties, first: str, second: str, default: int) -> Any:
    return next((properties[name] for name in (first, second) if name in properties), default)


def _number(value: Any) -> int | None:
    return None if value in (None, "") else int(value)


def tag(group: Group, properties: Properties) -> None:
    """Tags; those that CloudFormation hands down go on to the instances (using-cfn-resource-tags: "propagated")."""
    name = group["AutoScalingGroupName"]
    group["Tags"] = [
        {
            "Key": one["Key"],
            "Value": one.get("Value", ""),
            "ResourceId": name,
            "ResourceType": "auto-scaling-group",
            "PropagateAtLaunch": str(one.get("PropagateAtLaunch", True)).lower() == "true",
        }
        for one in properties.get("Tags") or []
    ]
    autoscaling._tags[name] = group["Tags"]


def check(group: Group) -> None:
    """What a group refers to must be there, and its capacity within its limits."""
    least, most, desired = group["MinSize"], group["MaxSize"], group["DesiredCapacity"]
    if least > most:
        raise refuse("ValidationError", f"Max bound, {most}, must be greater than or equal to min bound, {least}")
    if not least <= desired <= most:
        raise refuse(
            "ValidationError",
            f"Desired capacity:{desired} must be between the specified min size:{least} and max size:{most}",
        )
    subnets = [one for one in group["VPCZoneIdentifier"].split(",") if one]
    for subnet in subnets:
        if subnet not in ec2._subnets:
            raise refuse("ValidationError", f"The subnet ID '{subnet}' does not exist")
    if not subnets:
        raise refuse("ValidationError", "At least one Availability Zone or VPC Subnet is required.")
    for target_group in group["TargetGroupARNs"]:
        balancing.require_group(target_group)
    template_data(group)


def configure(group: Group, properties: Properties) -> None:
    """Give a group new settings; its instances stay as they are. Desired capacity is kept within the new limits."""
    with LOCK:
        wanted = {**group, **configured(properties)}
        desired = int(
            properties.get("DesiredCapacity", min(max(group["DesiredCapacity"], wanted["MinSize"]), wanted["MaxSize"]))
        )
        wanted["DesiredCapacity"] = desired
        check(wanted)
        _move(group, wanted["TargetGroupARNs"])
        group.update(wanted)
        tag(group, properties)


def _move(group: Group, target_groups: list[str]) -> None:
    """Take the instances out of target groups that the group leaves, and put them into new ones."""
    ids = [one["InstanceId"] for one in group["Instances"]]
    for left in set(group["TargetGroupARNs"]) - set(target_groups):
        balancing.deregister(left, ids)
    for joined in [one for one in target_groups if one not in group["TargetGroupARNs"]]:
        balancing.register(joined, [{"Id": one} for one in ids])


def remove(name: str) -> None:
    """Terminate the instances and delete the group, its policies and their alarms."""
    with LOCK:
        group = autoscaling._asgs.pop(name, None)
        if group is None:
            return
        for one in list(group["Instances"]):
            _terminate(group, one, "a user request force deleted AutoScalingGroup")
        autoscaling._tags.pop(name, None)
        autoscaling._delete_group_policies(name)


# ---- launch templates


def template_named(spec: dict[str, Any]) -> dict[str, Any]:
    """A launch template's id, name and version, whichever of id and name was given."""
    record: dict[str, Any] = next(
        (
            one
            for one in ec2._launch_templates.values()
            if spec.get("LaunchTemplateId") == one["LaunchTemplateId"]
            or spec.get("LaunchTemplateName") == one["LaunchTemplateName"]
        ),
        {},
    )
    named = {key: record.get(key) or spec.get(key, "") for key in ("LaunchTemplateId", "LaunchTemplateName")}
    return {**named, "Version": str(spec.get("Version", "$Default"))}


def template_data(group: Group) -> tuple[str, dict[str, Any]]:
    """The number and the data of the version that the group launches now."""
    spec = group["LaunchTemplate"]
    record = ec2._launch_templates.get(spec["LaunchTemplateId"])
    if record is None:
        raise refuse(
            "ValidationError",
            "You must use a valid fully-formed launch template. The specified launch template, with template ID "
            f"{spec['LaunchTemplateId'] or spec['LaunchTemplateName']}, does not exist.",
        )
    numbers = {"$Latest": str(record["LatestVersionNumber"]), "$Default": str(record["DefaultVersionNumber"])}
    number = numbers.get(spec["Version"], spec["Version"])
    for version in record["Versions"]:
        if str(version["VersionNumber"]) == number:
            return number, version["LaunchTemplateData"]
    raise refuse(
        "ValidationError",
        "You must use a valid fully-formed launch template. Could not find launch template version "
        f"{number} of template {spec['LaunchTemplateId']}.",
    )


def obsolete(group: Group) -> list[Instance]:
    """The instances that the group would launch otherwise today: from another template version, or into another subnet."""
    number, _ = template_data(group)
    template, subnets = group["LaunchTemplate"]["LaunchTemplateId"], group["VPCZoneIdentifier"].split(",")
    return [
        one
        for one in group["Instances"]
        if (one["LaunchTemplate"]["LaunchTemplateId"], one["_version"]) != (template, number)
        or one["_subnet"] not in subnets
    ]


# ---- instances


def settle(group: Group, cause: str = "", later: tuple[str, ...] = LATER) -> list[str]:
    """Bring the group to its desired capacity, as far as its processes are not suspended; the ids of what was launched.

    What is refused with one of the codes of later is launched another time.
    """
    with LOCK:
        _replace_unhealthy(group)
        launched = []
        while len(group["Instances"]) < group["DesiredCapacity"] and "Launch" not in group["SuspendedProcesses"]:
            try:
                launched.append(_launch(group, cause))
            except Refusal as refusal:
                if refusal.code not in later:
                    raise
                break
        while len(group["Instances"]) > group["DesiredCapacity"] and "Terminate" not in group["SuspendedProcesses"]:
            chosen = _superfluous(group)
            if chosen is None:
                break
            _terminate(group, chosen, cause or "a difference between desired and actual capacity")
        return launched


def _replace_unhealthy(group: Group) -> None:
    """Drop what was terminated by others or set unhealthy; settle launches others in their place."""
    if {"HealthCheck", "ReplaceUnhealthy", "Terminate"} & set(group["SuspendedProcesses"]):
        return
    for one in list(group["Instances"]):
        state = ec2._instances.get(one["InstanceId"], {}).get("State", {}).get("Name", "terminated")
        if state not in ("pending", "running") or one["HealthStatus"] == "Unhealthy":
            _terminate(
                group,
                one,
                "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or "
                "stopped."
                if state != "running"
                else "an instance was taken out of service in response to a user health-check.",
            )


def _launch(group: Group, cause: str) -> str:
    """Launch one instance into the zone that has the fewest."""
    number, data = template_data(group)
    subnet = _emptiest(group)
    tags = [{"Key": one["Key"], "Value": one["Value"]} for one in group["Tags"] if one["PropagateAtLaunch"]]
    tags.append({"Key": "aws:autoscaling:groupName", "Value": group["AutoScalingGroupName"]})
    count = len(group["Instances"])
    reason = (
        f"At {now()} {cause}  At {now()} an instance was started in response to a difference between desired and actual capacity, "
        f"increasing the capacity from {count} to {count + 1}."
    )
    instance_id = _launched(group, data, subnet, tags, reason)
    delay = machines.start(group["_stack_id"], group["_logical_id"], instance_id)
    zone = ec2._subnets[subnet]["AvailabilityZone"]
    group["Instances"].append(
        {
            "InstanceId": instance_id,
            "HealthStatus": "Healthy",
            "AvailabilityZone": zone,
            "InstanceType": data["InstanceType"],
            "ProtectedFromScaleIn": group["NewInstancesProtectedFromScaleIn"],
            "LaunchTemplate": {**group["LaunchTemplate"], "Version": number},
            "_version": number,
            "_subnet": subnet,
            "_in_service_at": clock.now() + delay,
        }
    )
    record(group, f"Launching a new EC2 instance: {instance_id}", reason, delay)
    if "AddToLoadBalancer" not in group["SuspendedProcesses"]:
        for target_group in group["TargetGroupARNs"]:
            balancing.register(target_group, [{"Id": instance_id}])
    return instance_id


def _launched(group: Group, data: dict[str, Any], subnet: str, tags: list[dict[str, str]], reason: str) -> str:
    try:
        return str(compute.launch({**data, "SubnetId": subnet}, tags)["InstanceId"])
    except Refusal as refusal:
        record(
            group,
            "Launching a new EC2 instance",
            reason,
            0.0,
            failed=f"{refusal.message} Launching EC2 instance failed.",
        )
        raise


def _emptiest(group: Group) -> str:
    """autoscaling/ec2/userguide/auto-scaling-benefits.html: instances are spread evenly over the zones."""
    subnets: list[str] = group["VPCZoneIdentifier"].split(",")
    return min(subnets, key=lambda subnet: sum(one["_subnet"] == subnet for one in group["Instances"]))


def _superfluous(group: Group) -> Instance | None:
    """The default termination policy: of the fullest zone, the oldest template version, then the oldest instance.

    autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html; by age instead of by the billing hour.
    """
    zones = [one["AvailabilityZone"] for one in group["Instances"]]
    free = [one for one in group["Instances"] if not one["ProtectedFromScaleIn"]]
    return max(
        free,
        key=lambda one: (zones.count(one["AvailabilityZone"]), -int(one["_version"]), -group["Instances"].index(one)),
        default=None,
    )


def terminate(group: Group, instance_ids: list[str], cause: str) -> None:
    """Terminate these instances of the group; desired capacity stays."""
    with LOCK:
        for one in [one for one in group["Instances"] if one["InstanceId"] in instance_ids]:
            _terminate(group, one, cause)


def _terminate(group: Group, instance: Instance, cause: str) -> None:
    instance_id, count = instance["InstanceId"], len(group["Instances"])
    for target_group in group["TargetGroupARNs"]:
        balancing.deregister(target_group, [instance_id])
    compute.terminate(instance_id)
    group["Instances"].remove(instance)
    record(
        group,
        f"Terminating EC2 instance: {instance_id}",
        f"At {now()} {cause}  At {now()} an instance was taken out of service in response to "
        f"a difference between desired and actual capacity, shrinking the capacity from {count} to {count - 1}.",
        0.0,
    )


def lifecycle(instance: Instance) -> str:
    """Pending while the machine boots, then InService."""
    return "InService" if clock.now() >= instance["_in_service_at"] else "Pending"


def of_instance(instance_id: str) -> tuple[Group, Instance]:
    """The group and the record of an instance, or a refusal."""
    for group in autoscaling._asgs.values():
        for one in group["Instances"]:
            if one["InstanceId"] == instance_id:
                return group, one
    raise refuse("ValidationError", f"Instance Id not found - No managed instance found for instance ID: {instance_id}")


# ---- activities


def now() -> str:
    """The real time, as activities write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def record(group: Group, description: str, cause: str, duration: float, failed: str = "") -> None:
    """Add an activity that lasts so many seconds of the clock."""
    group["_activities"].append(
        {
            "ActivityId": new_uuid(),
            "AutoScalingGroupName": group["AutoScalingGroupName"],
            "Description": description,
            "Cause": cause,
            "StartTime": now(),
            "_until": clock.now() + duration,
            "_failed": failed,
        }
    )


def busy(group: Group) -> bool:
    """Whether an activity is in progress."""
    return any(one["_until"] > clock.now() for one in group["_activities"])


def change(group: Group, desired: int, cause: str) -> None:
    """Set the desired capacity and settle. An instance that cannot be launched is a failed activity, not an error."""
    with LOCK:
        group["DesiredCapacity"] = desired
        try:
            settle(group, cause)
        except Refusal:
            pass  # the activity says so
