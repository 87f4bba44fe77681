"""Drift: what hands changed behind the stack's back, for the types that owners change by hand.

AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html. ministack reads parameters, topics, roles, buckets and log groups;
other types are NOT_CHECKED, and the command line counts them.
"""

from typing import Any

from ministack.services import autoscaling, cloudwatch, ec2
from ministack.services.cloudformation import drift

from .resources import Properties


def install() -> None:
    """Add readers to ministack's own."""
    drift._DRIFT_READERS.update(
        {
            "AWS::EC2::Instance": (_instance, frozenset({"InstanceType"})),
            "AWS::EC2::EIP": (_address, frozenset()),
            "AWS::AutoScaling::AutoScalingGroup": (_group, frozenset({"MinSize", "MaxSize"})),
            "AWS::CloudWatch::Alarm": (_alarm, frozenset({"Threshold", "EvaluationPeriods", "Period", "AlarmActions"})),
        }
    )


def _instance(physical_id: str, properties: Properties) -> Properties | None:
    instance = ec2._instances.get(physical_id)
    if not instance or instance["State"]["Name"] == "terminated":
        return None
    return {"InstanceType": instance["InstanceType"]}


def _address(physical_id: str, properties: Properties) -> Properties | None:
    return {} if any(one["PublicIp"] == physical_id for one in ec2._addresses.values()) else None


def _group(physical_id: str, properties: Properties) -> Properties | None:
    return _picked(autoscaling._asgs.get(physical_id), "MinSize", "MaxSize")


def _alarm(physical_id: str, properties: Properties) -> Properties | None:
    return _picked(cloudwatch._alarms.get(physical_id), "Threshold", "EvaluationPeriods", "Period", "AlarmActions")


def _picked(record: dict[str, Any] | None, *names: str) -> Properties | None:
    return None if record is None else {name: _whole(record[name]) for name in names if record.get(name) is not None}


def _whole(value: Any) -> Any:
    """80.0 as templates write it: 80."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
