"""Scaling policies: how an alarm, or ExecutePolicy, changes a group's capacity.

- simple: autoscaling/ec2/userguide/simple-scaling-policies.html and ec2-auto-scaling-scaling-cooldowns.html
- step: .../as-scaling-simple-step.html ("Step adjustments", "Instance warmup")
- target tracking: .../as-scaling-target-tracking.html; AWS computes a step from how far the metric is off, here it is one
"""

import json
import math
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import alb, autoscaling, cloudwatch

from .. import clock
from ..resources import Properties
from . import fleet, monitoring

Policy = dict[str, Any]

KINDS = ("SimpleScaling", "StepScaling", "TargetTrackingScaling")
NEEDS = {
    "SimpleScaling": "ScalingAdjustment",
    "StepScaling": "StepAdjustments",
    "TargetTrackingScaling": "TargetTrackingConfiguration",
}
ALLOWED = {
    "SimpleScaling": ("AdjustmentType", "ScalingAdjustment", "Cooldown", "MinAdjustmentMagnitude"),
    "StepScaling": (
        "AdjustmentType",
        "StepAdjustments",
        "EstimatedInstanceWarmup",
        "MetricAggregationType",
        "MinAdjustmentMagnitude",
    ),
    "TargetTrackingScaling": ("TargetTrackingConfiguration", "EstimatedInstanceWarmup"),
}
"""Which settings go with which kind: autoscaling/ec2/APIReference/API_PutScalingPolicy.html."""

TRACKED = {
    "ASGAverageCPUUtilization": ("AWS/EC2", "CPUUtilization", "Average"),
    "ASGAverageNetworkIn": ("AWS/EC2", "NetworkIn", "Average"),
    "ASGAverageNetworkOut": ("AWS/EC2", "NetworkOut", "Average"),
    "ALBRequestCountPerTarget": ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"),
}
LOW = 0.7
"""The low alarm's share of the target. Seen by others (target 50 gave alarms at 50 and 35), in no page of AWS."""


# ---- policies


def put(name: str, group_name: str, properties: Properties, arn: str = "") -> Policy:
    """What PutScalingPolicy does: check, make the alarms of target tracking, store."""
    with fleet.LOCK:
        fleet.find(group_name)
        kind = properties.get("PolicyType") or "SimpleScaling"
        _check(kind, properties)
        key = f"{group_name}/{name}"
        policy: Policy = {
            "PolicyARN": arn
            or f"arn:aws:autoscaling:{get_region()}:{get_account_id()}:scalingPolicy:{new_uuid()}:"
            f"autoScalingGroupName/{group_name}:policyName/{name}",
            "PolicyName": name,
            "AutoScalingGroupName": group_name,
            "PolicyType": kind,
            "Enabled": True,
            "Alarms": [],
            **{
                setting: _typed(setting, properties[setting])
                for setting in ALLOWED[kind]
                if properties.get(setting) not in (None, "")
            },
        }
        remove_alarms(autoscaling._policies.get(key))
        if kind == "TargetTrackingScaling":
            policy["Alarms"] = _tracking_alarms(policy)
        autoscaling._policies[key] = policy
        return policy


def _typed(setting: str, value: Any) -> Any:
    """Numbers of a template or a request may be strings."""
    if isinstance(value, dict):
        return {key: _typed(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_typed("", inner) for inner in value]
    if setting in ("ScalingAdjustment", "Cooldown", "EstimatedInstanceWarmup", "MinAdjustmentMagnitude"):
        return int(value)
    if setting in ("TargetValue", "MetricIntervalLowerBound", "MetricIntervalUpperBound"):
        return float(value)
    return str(value).lower() == "true" if setting == "DisableScaleIn" else value


def _check(kind: str, properties: Properties) -> None:
    if kind not in KINDS:
        raise fleet.refuse("ValidationError", f"the emulator does not hold policies of type {kind}")
    if properties.get(NEEDS[kind]) in (None, "", [], {}):
        raise fleet.refuse("ValidationError", f"{NEEDS[kind]} must be specified for policy type {kind}")
    settings = {name for allowed in ALLOWED.values() for name in allowed} - set(ALLOWED[kind])
    wrong = sorted(name for name in settings if properties.get(name) not in (None, ""))
    if wrong:
        raise fleet.refuse("ValidationError", f"{', '.join(wrong)} cannot be specified for policy type {kind}")
    if kind != "TargetTrackingScaling" and properties.get("AdjustmentType") not in (
        "ChangeInCapacity",
        "ExactCapacity",
        "PercentChangeInCapacity",
    ):
        raise fleet.refuse(
            "ValidationError",
            "AdjustmentType must be one of ChangeInCapacity, ExactCapacity and PercentChangeInCapacity",
        )


def by_arn(arn: str) -> Policy | None:
    """The policy of that ARN, if there is one."""
    return next((one for one in autoscaling._policies.values() if one["PolicyARN"] == arn), None)


def remove(arn: str) -> None:
    """Delete a policy and the alarms it made, if it is there."""
    with fleet.LOCK:
        for key, policy in list(autoscaling._policies.items()):
            if policy["PolicyARN"] == arn:
                remove_alarms(autoscaling._policies.pop(key))


def remove_alarms(policy: Policy | None) -> None:
    """Delete the alarms that a policy of target tracking made."""
    for alarm in (policy or {}).get("Alarms") or []:
        monitoring.remove(alarm["AlarmName"])


def alarms(policy: Policy) -> list[dict[str, str]]:
    """The alarms that start a policy, its own and others'."""
    return [
        {"AlarmName": name, "AlarmARN": alarm["AlarmArn"]}
        for name, alarm in cloudwatch._alarms.items()
        if any(policy["PolicyARN"] in alarm[actions] for actions in monitoring.STATES.values())
    ]


# ---- target tracking


def _tracking_alarms(policy: Policy) -> list[dict[str, str]]:
    """The high alarm looks at 3 minutes, the low one at 15; the low one is left out when the policy never scales in."""
    config = policy["TargetTrackingConfiguration"]
    target = config["TargetValue"]
    wanted = [("High", 3, target, "GreaterThanThreshold")]
    if not config.get("DisableScaleIn"):
        wanted.append(("Low", 15, target * LOW, "LessThanThreshold"))
    made = []
    for level, periods, threshold, comparison in wanted:
        name = f"{monitoring.RESERVED}{policy['AutoScalingGroupName']}-Alarm{level}-{new_uuid()}"
        alarm = monitoring.put(
            name,
            {
                **_metric(policy["AutoScalingGroupName"], config),
                "AlarmActions": [policy["PolicyARN"]],
                "EvaluationPeriods": periods,
                "Period": 60,
                "Threshold": threshold,
                "ComparisonOperator": comparison,
                "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}.",
            },
        )
        made.append({"AlarmName": name, "AlarmARN": alarm["AlarmArn"]})
    return made


def _metric(group_name: str, config: dict[str, Any]) -> dict[str, Any]:
    specification = config.get("PredefinedMetricSpecification") or {}
    kind = specification.get("PredefinedMetricType")
    if kind not in TRACKED:
        raise fleet.refuse("ValidationError", f"the emulator does not hold target tracking of {kind}")
    namespace, metric, statistic = TRACKED[kind]
    dimensions = [{"Name": "AutoScalingGroupName", "Value": group_name}]
    if kind == "ALBRequestCountPerTarget":
        dimensions = _labelled(group_name, specification.get("ResourceLabel") or "")
    return {"Namespace": namespace, "MetricName": metric, "Statistic": statistic, "Dimensions": dimensions}


def _labelled(group_name: str, label: str) -> list[dict[str, str]]:
    """API_PredefinedMetricSpecification.html on ResourceLabel: the last parts of the balancer's and the target group's ARNs."""
    balancer, separator, targets = label.partition("/targetgroup/")
    groups = [arn for arn in fleet.find(group_name)["TargetGroupARNs"] if arn.endswith(f":targetgroup/{targets}")]
    if not separator or not groups or not any(arn.endswith(f":loadbalancer/{balancer}") for arn in alb._lbs):
        raise fleet.refuse(
            "ValidationError",
            f"The resource label {label} does not name a load balancer and a target group of {group_name}",
        )
    return [{"Name": "TargetGroup", "Value": f"targetgroup/{targets}"}, {"Name": "LoadBalancer", "Value": balancer}]


# ---- execution


def on_alarm(alarm: monitoring.Alarm, arn: str) -> None:
    """An alarm starts a policy. While it may not act, nothing happens, and that is no failure."""
    policy = by_arn(arn)
    if policy is None:
        raise monitoring.ActionFailed(f"No policy found with ARN {arn}")
    with fleet.LOCK:
        group = fleet.find(policy["AutoScalingGroupName"])
        if "AlarmNotification" in group["SuspendedProcesses"] or (
            policy["PolicyType"] == "SimpleScaling" and _waiting(group)
        ):
            return
        cause = f"a monitor alarm {alarm['AlarmName']} in state {alarm['StateValue']} triggered policy {policy['PolicyName']}"
        run(policy, _beyond(alarm), cause, alarm["ComparisonOperator"].startswith("Less"))


def _beyond(alarm: monitoring.Alarm) -> float:
    """How far the newest datapoint is beyond the threshold; 0 when somebody set the state by hand."""
    values = json.loads(alarm.get("StateReasonData") or "{}").get("recentDatapoints") or [alarm.get("Threshold", 0.0)]
    return float(values[0]) - float(alarm.get("Threshold", 0.0))


def _waiting(group: fleet.Group) -> bool:
    """Whether a simple policy has to wait: for the activity in progress, then for the cooldown."""
    return fleet.busy(group) or clock.now() < group["_cooldown_until"]


def execute(group_name: str, policy_name: str, honor_cooldown: bool, beyond: float | None) -> None:
    """What ExecutePolicy does (API_ExecutePolicy.html): without HonorCooldown a cooldown does not matter."""
    policy = by_arn(policy_name) or autoscaling._policies.get(f"{group_name}/{policy_name}")
    if policy is None:
        raise fleet.refuse("ValidationError", f"PolicyName not found - {policy_name}")
    if policy["PolicyType"] == "TargetTrackingScaling":
        raise fleet.refuse("ValidationError", "Policies of type TargetTrackingScaling cannot be executed")
    with fleet.LOCK:
        group = fleet.find(policy["AutoScalingGroupName"])
        if policy["PolicyType"] == "SimpleScaling" and (fleet.busy(group) or (honor_cooldown and _waiting(group))):
            raise fleet.refuse(
                "ScalingActivityInProgress",
                "The operation cannot be performed because there are scaling activities in progress or a cooldown period in effect",
            )
        if policy["PolicyType"] == "StepScaling" and beyond is None:
            raise fleet.refuse(
                "ValidationError", "MetricValue and BreachThreshold are required for a policy of type StepScaling"
            )
        run(policy, beyond or 0.0, f"a user request executed policy {policy['PolicyName']}", False)


def run(policy: Policy, beyond: float, cause: str, below: bool) -> None:
    """Change the group's capacity as the policy says, within its limits."""
    group = fleet.find(policy["AutoScalingGroupName"])
    before = group["DesiredCapacity"]
    wanted = (
        _simple(policy, before)
        if policy["PolicyType"] == "SimpleScaling"
        else _warmed(group, policy, before, beyond, below)
    )
    desired = min(max(wanted, group["MinSize"]), group["MaxSize"])
    if desired == before:
        return
    fleet.change(group, desired, f"{cause} changing the desired capacity from {before} to {desired}.")
    if policy["PolicyType"] == "SimpleScaling":
        ends = max([clock.now(), *(one["_until"] for one in group["_activities"])])
        group["_cooldown_until"] = ends + int(
            group["DefaultCooldown"] if policy.get("Cooldown") is None else policy["Cooldown"]
        )
    elif desired > before:
        for instance in group["Instances"][before:]:
            instance["_warm_at"] = clock.now() + _warmup(group, policy)


def _warmup(group: fleet.Group, policy: Policy) -> int:
    """Seconds: the policy's own, else the group's, else its cooldown (API_PutScalingPolicy.html, EstimatedInstanceWarmup)."""
    return int(policy.get("EstimatedInstanceWarmup") or group.get("DefaultInstanceWarmup") or group["DefaultCooldown"])


def _simple(policy: Policy, capacity: int) -> int:
    return _adjusted(policy, capacity, policy["ScalingAdjustment"])


def _warmed(group: fleet.Group, policy: Policy, desired: int, beyond: float, below: bool) -> int:
    """Instances that warm up are counted as what an earlier breach added already, and nothing leaves before they are warm."""
    warming = sum(one.get("_warm_at", 0.0) > clock.now() for one in group["Instances"])
    if policy["PolicyType"] == "TargetTrackingScaling":
        wanted = desired - warming + (-1 if below else 1)
    else:
        wanted = _adjusted(policy, desired - warming, _step(policy, beyond))
    if wanted <= desired - warming:
        return desired if warming else int(wanted)
    return max(int(wanted), int(desired))


def _step(policy: Policy, beyond: float) -> int:
    """The adjustment of the interval that the breach is in: above 0 without its upper bound, below 0 without its lower."""
    for step in policy["StepAdjustments"]:
        low, high = step.get("MetricIntervalLowerBound", -math.inf), step.get("MetricIntervalUpperBound", math.inf)
        if (low <= beyond < high) if low >= 0 else (low < beyond <= high):
            return int(step["ScalingAdjustment"])
    return 0


def _adjusted(policy: Policy, capacity: int, adjustment: int) -> int:
    """as-scaling-simple-step.html, "Scaling adjustment types", rounding included."""
    if policy["AdjustmentType"] == "ExactCapacity":
        return adjustment
    change = float(adjustment)
    if policy["AdjustmentType"] == "PercentChangeInCapacity":
        change = capacity * adjustment / 100
        change = math.copysign(1, change) if 0 < abs(change) < 1 else math.trunc(change)
    least = policy.get("MinAdjustmentMagnitude", 0)
    return capacity + int(math.copysign(max(abs(change), least), change) if change else 0)
