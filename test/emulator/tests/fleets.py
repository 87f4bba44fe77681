"""A fleet behind a balancer, as templates: what the tests of groups, balancers and alarms stand on."""

import base64
from typing import Any

from ministack.services import alb, autoscaling, ec2

from .support import Stack, ask

IMAGE = "ami-0123456789abcdef0"
ZONES = ("ap-south-1a", "ap-south-1b")


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def attribute(name: str, of: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, of]}


def resource(kind: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties, **more}


def network() -> dict[str, Any]:
    subnets = {
        f"Subnet{n}": resource(
            "EC2::Subnet",
            {
                "VpcId": ref("Vpc"),
                "CidrBlock": f"10.0.{n}.0/24",
                "AvailabilityZone": zone,
            },
        )
        for n, zone in enumerate(ZONES)
    }
    return {"Vpc": resource("EC2::VPC", {"CidrBlock": "10.0.0.0/16"}), **subnets}


def targets(**properties: Any) -> dict[str, Any]:
    return resource(
        "ElasticLoadBalancingV2::TargetGroup",
        {
            "Port": 3001,
            "Protocol": "HTTP",
            "VpcId": ref("Vpc"),
            "TargetType": "instance",
            **properties,
        },
    )


def balancer(**properties: Any) -> dict[str, Any]:
    return resource(
        "ElasticLoadBalancingV2::LoadBalancer",
        {"Subnets": [ref("Subnet0"), ref("Subnet1")], **properties},
    )


def listener(*groups: str, **properties: Any) -> dict[str, Any]:
    forward = {
        "Type": "forward",
        "ForwardConfig": {
            "TargetGroups": [
                {"TargetGroupArn": ref(one), "Weight": 1} for one in groups
            ]
        },
    }
    return resource(
        "ElasticLoadBalancingV2::Listener",
        {
            "LoadBalancerArn": ref("Balancer"),
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [forward],
            **properties,
        },
    )


def served() -> dict[str, Any]:
    """A network with a balancer that forwards to a target group."""
    return {
        **network(),
        "Balancer": balancer(),
        "Targets": targets(),
        "Listener": listener("Targets"),
    }


def template(revision: str = "1") -> dict[str, Any]:
    return resource(
        "EC2::LaunchTemplate",
        {
            "LaunchTemplateName": "api-template",
            "LaunchTemplateData": {
                "ImageId": IMAGE,
                "InstanceType": "t2.micro",
                "UserData": base64.b64encode(
                    f"#!/bin/sh\n# {revision}".encode()
                ).decode(),
            },
        },
    )


ROLLING = {
    "MaxBatchSize": 1,
    "MinInstancesInService": 2,
    "WaitOnResourceSignals": True,
    "PauseTime": "PT10M",
    "SuspendProcesses": ["HealthCheck", "AlarmNotification"],
}


def group(
    update: dict[str, Any] | None = None,
    create: dict[str, Any] | None = None,
    **properties: Any,
) -> dict[str, Any]:
    policies = {
        "UpdatePolicy": {"AutoScalingRollingUpdate": update} if update else None,
        "CreationPolicy": create,
    }
    return resource(
        "AutoScaling::AutoScalingGroup",
        {
            "AutoScalingGroupName": "api-asg",
            "MinSize": "2",
            "MaxSize": "5",
            "VPCZoneIdentifier": [ref("Subnet0"), ref("Subnet1")],
            "LaunchTemplate": {
                "LaunchTemplateId": ref("Template"),
                "Version": attribute("Template", "LatestVersionNumber"),
            },
            "TargetGroupARNs": [ref("Targets")],
            **properties,
        },
        **{key: value for key, value in policies.items() if value},
    )


def fleet(
    revision: str = "1", more: dict[str, Any] | None = None, **of_group: Any
) -> dict[str, Any]:
    """A fleet that rolls."""
    return {
        **served(),
        "Template": template(revision),
        "Fleet": group(**{"update": ROLLING, **of_group}),
        **(more or {}),
    }


# ---- what the APIs say


def described() -> dict[str, Any]:
    found: dict[str, Any] = ask(
        autoscaling, "DescribeAutoScalingGroups", AutoScalingGroupNames=["api-asg"]
    )["AutoScalingGroups"][0]
    return found


def nodes() -> list[str]:
    return [one["InstanceId"] for one in described()["Instances"] or []]


def sizes() -> tuple[str, str, int]:
    """Minimum and desired capacity, and how many there are."""
    group = described()
    return group["MinSize"], group["DesiredCapacity"], len(group["Instances"] or [])


def running() -> int:
    return sum(one["State"]["Name"] == "running" for one in ec2._instances.values())


def revisions() -> set[str]:
    """What the nodes run, by the end of their user data."""
    return {
        base64.b64decode(ec2._instances[one]["UserData"]).decode().split()[-1]
        for one in nodes()
    }


def health(stack: Stack, logical_id: str = "Targets") -> dict[str, str]:
    found = ask(alb, "DescribeTargetHealth", TargetGroupArn=stack.physical(logical_id))[
        "TargetHealthDescriptions"
    ]
    return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in found or []}


def activities() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(
        autoscaling, "DescribeScalingActivities", AutoScalingGroupName="api-asg"
    )["Activities"]
    return found
