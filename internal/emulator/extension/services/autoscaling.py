"""Auto Scaling: its two types for CloudFormation, and its API. What groups do is in fleet, rolling and scaling."""

from typing import Any

from ministack.services import autoscaling
from ministack.services.cloudformation import provisioners

from .. import clock, query, signals
from ..contracts.entries import PROCESSES
from ..resources import Made, Place, Properties, ResourceType
from . import fleet, monitoring, rolling, scaling

NAMESPACE = "http://autoscaling.amazonaws.com/doc/2011-01-01/"


class AutoScalingGroup(ResourceType):
    """TemplateReference/aws-resource-autoscaling-autoscalinggroup.html"""

    name = "AWS::AutoScaling::AutoScalingGroup"
    holds = frozenset(
        (
            "AutoScalingGroupName",
            "Cooldown",
            "DefaultInstanceWarmup",
            "DesiredCapacity",
            "HealthCheckGracePeriod",
            "HealthCheckType",
            "LaunchTemplate.LaunchTemplateId",
            "LaunchTemplate.LaunchTemplateName",
            "LaunchTemplate.Version",
            "MaxSize",
            "MetricsCollection.Granularity",
            "MetricsCollection.Metrics",
            "MinSize",
            "NewInstancesProtectedFromScaleIn",
            "Tags.*",
            "TargetGroupARNs",
            "TerminationPolicies",
            "VPCZoneIdentifier",
        )
    )
    replaces = frozenset(("AutoScalingGroupName", "InstanceId"))
    physical_name = "AutoScalingGroupName"

    def taken(self, properties: Properties) -> bool:
        return properties.get("AutoScalingGroupName") in autoscaling._asgs

    def create(self, place: Place, properties: Properties) -> Made:
        rolling.policy(place.definition)
        name = properties.get("AutoScalingGroupName") or provisioners._physical_name(
            place.stack_name, place.logical_id, max_len=255
        )
        return self._made(fleet.create(name, properties, place))

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        """Without an UpdatePolicy the instances stay as they are (aws-attribute-updatepolicy.html)."""
        group, asked = fleet.find(physical_id), rolling.policy(place.definition)
        fleet.configure(group, new)
        if asked:
            rolling.check(asked, group)
            rolling.roll(group, asked, place)
        fleet.settle(
            group,
            f"a user request update of AutoScalingGroup constraints to min: {group['MinSize']}, max: {group['MaxSize']}, "
            f"desired: {group['DesiredCapacity']}.",
        )
        return self._made(group)

    @staticmethod
    def _made(group: fleet.Group) -> Made:
        return group["AutoScalingGroupName"], {"AutoScalingGroupARN": group["AutoScalingGroupARN"]}

    def await_signals(self, place: Place, box: signals.Mailbox, count: int, timeout: float) -> None:
        """A group counts signals that do not come as failures, and may bear some: aws-attribute-creationpolicy.html,
        AutoScalingCreationPolicy. A failure ends the wait as soon as too few can still succeed."""
        percent = int(
            (place.definition["CreationPolicy"].get("AutoScalingCreationPolicy") or {}).get(
                "MinSuccessfulInstancesPercent", 100
            )
        )
        until = clock.now() + timeout
        statuses: list[str] = []
        while len(statuses) < count:
            came = signals.gather(box, len(statuses), 1, until - clock.now(), place.watch("CREATE_IN_PROGRESS"))
            missing = 1 if came else count - len(statuses)
            statuses += rolling.judged(came, missing, lambda line: place.tell("UPDATE_IN_PROGRESS", line))
            rolling.satisfy(statuses, count, percent)

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        fleet.remove(physical_id)


class ScalingPolicy(ResourceType):
    """TemplateReference/aws-resource-autoscaling-scalingpolicy.html"""

    name = "AWS::AutoScaling::ScalingPolicy"
    holds = frozenset(
        (
            "AdjustmentType",
            "AutoScalingGroupName",
            "Cooldown",
            "EstimatedInstanceWarmup",
            "MetricAggregationType",
            "MinAdjustmentMagnitude",
            "PolicyType",
            "ScalingAdjustment",
            "StepAdjustments.MetricIntervalLowerBound",
            "StepAdjustments.MetricIntervalUpperBound",
            "StepAdjustments.ScalingAdjustment",
            "TargetTrackingConfiguration.DisableScaleIn",
            "TargetTrackingConfiguration.TargetValue",
            "TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType",
            "TargetTrackingConfiguration.PredefinedMetricSpecification.ResourceLabel",
        )
    )
    replaces = frozenset(("AutoScalingGroupName",))

    def create(self, place: Place, properties: Properties) -> Made:
        name = provisioners._physical_name(place.stack_name, place.logical_id, max_len=255)
        return self._made(scaling.put(name, properties["AutoScalingGroupName"], properties))

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        name = physical_id.rsplit("policyName/", 1)[-1]
        return self._made(scaling.put(name, new["AutoScalingGroupName"], new, physical_id))

    @staticmethod
    def _made(policy: scaling.Policy) -> Made:
        return policy["PolicyARN"], {"Arn": policy["PolicyARN"], "PolicyName": policy["PolicyName"]}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        scaling.remove(physical_id)


TYPES = (AutoScalingGroup(), ScalingPolicy())


# ---- the API: groups


def _public(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if not key.startswith("_")}


def _instance(instance: fleet.Instance) -> dict[str, Any]:
    return {**_public(instance), "LifecycleState": fleet.lifecycle(instance)}


def _group(group: fleet.Group) -> dict[str, Any]:
    return {
        **_public(group),
        "Instances": [_instance(one) for one in group["Instances"]],
        "SuspendedProcesses": [
            {"ProcessName": one, "SuspensionReason": "User suspended"} for one in group["SuspendedProcesses"]
        ],
    }


def _groups(names: list[str] | None = None) -> list[fleet.Group]:
    """The groups, each as it is once what is unhealthy has been replaced."""
    with fleet.LOCK:
        groups = [group for name, group in autoscaling._asgs.items() if not names or name in names]
        for group in groups:
            fleet.change(
                group,
                group["DesiredCapacity"],
                "an instance was started in response to an unhealthy instance needing to be replaced.",
            )
        return groups


def _describe_groups(asked: dict[str, Any]) -> Any:
    return {"AutoScalingGroups": [_group(one) for one in _groups(asked.get("AutoScalingGroupNames"))]}


def _describe_instances(asked: dict[str, Any]) -> Any:
    ids = asked.get("InstanceIds")
    return {
        "AutoScalingInstances": [
            {
                **_instance(one),
                "AutoScalingGroupName": group["AutoScalingGroupName"],
                "HealthStatus": one["HealthStatus"].upper(),
            }
            for group in _groups()
            for one in group["Instances"]
            if not ids or one["InstanceId"] in ids
        ]
    }


def _describe_activities(asked: dict[str, Any]) -> Any:
    """The newest first."""
    name = asked.get("AutoScalingGroupName")
    return {
        "Activities": [
            _activity(one) for group in _groups([name] if name else None) for one in reversed(group["_activities"])
        ]
    }


def _activity(activity: dict[str, Any]) -> dict[str, Any]:
    shown = _public(activity)
    if activity["_failed"]:
        return {
            **shown,
            "EndTime": shown["StartTime"],
            "StatusCode": "Failed",
            "StatusMessage": activity["_failed"],
            "Progress": 100,
        }
    if activity["_until"] > clock.now():
        return {**shown, "StatusCode": "InProgress", "Progress": 50}
    return {**shown, "EndTime": fleet.now(), "StatusCode": "Successful", "Progress": 100}


def _create_group(asked: dict[str, Any]) -> None:
    fleet.create(asked["AutoScalingGroupName"], {**asked, "MetricsCollection": []}, Place("", "", "", {}))


def _update_group(asked: dict[str, Any]) -> None:
    with fleet.LOCK:
        group = fleet.find(asked.get("AutoScalingGroupName", ""))
        kept = {**group, "MetricsCollection": [], "Cooldown": group["DefaultCooldown"]}
        kept.pop("DesiredCapacity")
        metrics, tags = group["EnabledMetrics"], group["Tags"]
        fleet.configure(
            group, {**kept, **asked, **({"Cooldown": asked["DefaultCooldown"]} if "DefaultCooldown" in asked else {})}
        )
        group.update(EnabledMetrics=metrics, Tags=tags)
        autoscaling._tags[group["AutoScalingGroupName"]] = tags
        fleet.change(
            group,
            group["DesiredCapacity"],
            f"a user request update of AutoScalingGroup constraints to min: {group['MinSize']}, "
            f"max: {group['MaxSize']}, desired: {group['DesiredCapacity']}.",
        )


def _delete_group(asked: dict[str, Any]) -> None:
    """API_DeleteAutoScalingGroup.html: with instances in it only by ForceDelete."""
    group = fleet.find(asked.get("AutoScalingGroupName", ""))
    if group["Instances"] and asked.get("ForceDelete") != "true":
        raise fleet.refuse(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance "
            "request(s) still in the group.",
        )
    fleet.remove(group["AutoScalingGroupName"])


def _set_desired(asked: dict[str, Any]) -> None:
    """API_SetDesiredCapacity.html"""
    with fleet.LOCK:
        group = fleet.find(asked.get("AutoScalingGroupName", ""))
        desired, before = int(asked["DesiredCapacity"]), group["DesiredCapacity"]
        if desired > group["MaxSize"]:
            raise fleet.refuse(
                "ValidationError",
                f"New SetDesiredCapacity value {desired} is above max value {group['MaxSize']} for the AutoScalingGroup.",
            )
        if desired < group["MinSize"]:
            raise fleet.refuse(
                "ValidationError",
                f"New SetDesiredCapacity value {desired} is below min value {group['MinSize']} for the AutoScalingGroup.",
            )
        if asked.get("HonorCooldown") == "true" and clock.now() < group["_cooldown_until"]:
            raise fleet.refuse(
                "ScalingActivityInProgress", f"AutoScalingGroup {group['AutoScalingGroupName']} is in a cooldown period"
            )
        fleet.change(
            group,
            desired,
            f"a user request explicitly set group desired capacity changing the desired capacity from {before} to {desired}.",
        )


def _terminate(asked: dict[str, Any]) -> Any:
    """API_TerminateInstanceInAutoScalingGroup.html"""
    with fleet.LOCK:
        group, instance = fleet.of_instance(asked.get("InstanceId", ""))
        less = asked.get("ShouldDecrementDesiredCapacity") == "true"
        if less and group["DesiredCapacity"] <= group["MinSize"]:
            raise fleet.refuse(
                "ValidationError",
                f"Currently, desiredSize equals minSize ({group['MinSize']}). Terminating instance without replacement "
                "will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower "
                "group's min size.",
            )
        cause = f"instance {instance['InstanceId']} was taken out of service in response to a user request."
        fleet.terminate(group, [instance["InstanceId"]], cause)
        activity = _activity(group["_activities"][-1])
        fleet.change(group, group["DesiredCapacity"] - less, cause)
        return {"Activity": activity}


def _set_health(asked: dict[str, Any]) -> None:
    """API_SetInstanceHealth.html: an unhealthy instance is replaced, unless that is suspended."""
    with fleet.LOCK:
        group, instance = fleet.of_instance(asked.get("InstanceId", ""))
        instance["HealthStatus"] = asked.get("HealthStatus", "Healthy")
        fleet.change(
            group,
            group["DesiredCapacity"],
            "an instance was started in response to an unhealthy instance needing to be replaced.",
        )


def _suspend(asked: dict[str, Any]) -> None:
    group = fleet.find(asked.get("AutoScalingGroupName", ""))
    group["SuspendedProcesses"] = sorted({*group["SuspendedProcesses"], *_processes(asked)})


def _resume(asked: dict[str, Any]) -> None:
    group = fleet.find(asked.get("AutoScalingGroupName", ""))
    group["SuspendedProcesses"] = sorted({*group["SuspendedProcesses"]} - {*_processes(asked)})
    fleet.change(group, group["DesiredCapacity"], "a user request resumed processes.")


def _processes(asked: dict[str, Any]) -> list[str]:
    wanted = list(asked.get("ScalingProcesses") or PROCESSES)
    for name in wanted:
        if name not in PROCESSES:
            raise fleet.refuse("ValidationError", f"{name} is not a process: they are {', '.join(PROCESSES)}")
    return wanted


# ---- the API: policies


def _describe_policies(asked: dict[str, Any]) -> Any:
    def wanted(policy: scaling.Policy) -> bool:
        return bool(
            asked.get("AutoScalingGroupName") in (None, "", policy["AutoScalingGroupName"])
            and (
                not asked.get("PolicyNames")
                or not {policy["PolicyName"], policy["PolicyARN"]}.isdisjoint(asked["PolicyNames"])
            )
            and (not asked.get("PolicyTypes") or policy["PolicyType"] in asked["PolicyTypes"])
        )

    return {
        "ScalingPolicies": [
            {**policy, "Alarms": scaling.alarms(policy)} for policy in autoscaling._policies.values() if wanted(policy)
        ]
    }


def _put_policy(asked: dict[str, Any]) -> Any:
    key = f"{asked.get('AutoScalingGroupName')}/{asked.get('PolicyName')}"
    before = autoscaling._policies.get(key) or {}
    policy = scaling.put(asked["PolicyName"], asked["AutoScalingGroupName"], asked, before.get("PolicyARN", ""))
    return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}


def _delete_policy(asked: dict[str, Any]) -> None:
    policy = autoscaling._policies.get(
        f"{asked.get('AutoScalingGroupName')}/{asked.get('PolicyName')}"
    ) or scaling.by_arn(asked.get("PolicyName", ""))
    if policy is None:
        raise fleet.refuse("ValidationError", f"PolicyName not found - {asked.get('PolicyName')}")
    scaling.remove(policy["PolicyARN"])


def _execute(asked: dict[str, Any]) -> None:
    value, threshold = asked.get("MetricValue"), asked.get("BreachThreshold")
    beyond = None if value is None or threshold is None else float(value) - float(threshold)
    scaling.execute(
        asked.get("AutoScalingGroupName", ""), asked.get("PolicyName", ""), asked.get("HonorCooldown") == "true", beyond
    )


ACTIONS: dict[str, query.Action] = {
    "CreateAutoScalingGroup": _create_group,
    "UpdateAutoScalingGroup": _update_group,
    "DeleteAutoScalingGroup": _delete_group,
    "DescribeAutoScalingGroups": _describe_groups,
    "DescribeAutoScalingInstances": _describe_instances,
    "DescribeScalingActivities": _describe_activities,
    "SetDesiredCapacity": _set_desired,
    "SetInstanceHealth": _set_health,
    "TerminateInstanceInAutoScalingGroup": _terminate,
    "SuspendProcesses": _suspend,
    "ResumeProcesses": _resume,
    "DescribePolicies": _describe_policies,
    "PutScalingPolicy": _put_policy,
    "DeletePolicy": _delete_policy,
    "ExecutePolicy": _execute,
}
NOT_HELD = (
    "StartInstanceRefresh",
    "DescribeInstanceRefreshes",
    "CancelInstanceRefresh",
    "PutLifecycleHook",
    "DescribeLifecycleHooks",
    "DeleteLifecycleHook",
    "CompleteLifecycleAction",
    "RecordLifecycleActionHeartbeat",
    "PutScheduledUpdateGroupAction",
    "CreateLaunchConfiguration",
    "DeleteLaunchConfiguration",
)
"""What ministack would take and not do: it is better refused."""


def install() -> None:
    """Answer for Auto Scaling, and act on alarms."""
    for name, action in ACTIONS.items():
        autoscaling._ACTION_MAP[name] = query.offered(NAMESPACE, name, action)
    for name in NOT_HELD:
        autoscaling._ACTION_MAP.pop(name, None)
    autoscaling._delete_policy_alarms = scaling.remove_alarms
    monitoring.ACTORS["arn:aws:autoscaling:"] = scaling.on_alarm
