"""Drift: what hands changed behind the stack's back, for the types that owners change by hand.

AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html. ministack reads parameters, topics, roles, buckets and log groups;
other types are NOT_CHECKED, and the command line counts them.
"""

from typing import Any

from ministack.services import autoscaling, cloudwatch, ec2
from ministack.services.cloudformation import drift

from .resources import Properties
from .services import addresses, compute, dns


def install() -> None:
    """Add readers to ministack's own."""
    drift._DRIFT_READERS.update(
        {
            "AWS::EC2::Instance": (_instance, frozenset(one.partition(".")[0] for one in compute.InstanceType.holds)),
            "AWS::EC2::EIPAssociation": (_association, addresses.Association.holds),
            "AWS::Route53::RecordSet": (_record, frozenset({"Name", "Type", "TTL", "ResourceRecords"})),
            "AWS::EC2::EIP": (_address, frozenset()),
            "AWS::AutoScaling::AutoScalingGroup": (_group, frozenset({"MinSize", "MaxSize"})),
            "AWS::CloudWatch::Alarm": (_alarm, frozenset({"Threshold", "EvaluationPeriods", "Period", "AlarmActions"})),
        }
    )


def _instance(physical_id: str, properties: Properties) -> Properties | None:
    instance = ec2._instances.get(physical_id)
    if not instance or instance["State"]["Name"] == "terminated":
        return None
    return {name: _stated(value, properties.get(name)) for name, value in compute.described(instance).items()}


def _stated(actual: Any, expected: Any) -> Any:
    """What there is, without what the template does not state: drift is that of values that are explicitly set."""
    if isinstance(actual, dict) and isinstance(expected, dict):
        return {name: _stated(value, expected[name]) for name, value in actual.items() if name in expected}
    if isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected):
        return [_stated(*pair) for pair in zip(actual, expected, strict=True)]
    return actual


def _association(physical_id: str, properties: Properties) -> Properties | None:
    held = any(one["AssociationId"] == physical_id for one in ec2._addresses.values())
    return addresses.Association().actual(physical_id) if held else None


def _record(physical_id: str, properties: Properties) -> Properties | None:
    return dns.found(properties)


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
