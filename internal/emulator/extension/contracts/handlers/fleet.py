"""Auto Scaling: groups and policies."""

from collections.abc import Iterator
from typing import Any

from .base import (
    GENERATED,
    Call,
    Handler,
    It,
    Params,
    Wanted,
    changed,
    named,
    present,
    retagged,
)


class Group(Handler):
    name, service = "AWS::AutoScaling::AutoScalingGroup", "autoscaling"

    @staticmethod
    def _sizes(new: Wanted) -> Params:
        subnets = new.get("VPCZoneIdentifier")
        return {
            **new.take(
                "DefaultInstanceWarmup",
                "DesiredCapacity",
                "HealthCheckGracePeriod",
                "HealthCheckType",
                "LaunchTemplate",
                "MaxSize",
                "MinSize",
                "NewInstancesProtectedFromScaleIn",
                "TerminationPolicies",
                DefaultCooldown="Cooldown",
            ),
            **present("VPCZoneIdentifier", ",".join(subnets) if isinstance(subnets, list) else subnets),
        }

    @staticmethod
    def _tags(group: str, tags: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {"ResourceId": group, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True, **one}
            for one in tags
        ]

    def create(self, new: Wanted) -> Iterator[Call]:
        name = named(new, "AutoScalingGroupName")
        group = name["AutoScalingGroupName"]
        yield self.call(
            "CreateAutoScalingGroup",
            name,
            self._sizes(new),
            new.take("TargetGroupARNs"),
            present("Tags", self._tags(group, new.tags())),
        )
        yield from self._metrics(group, new)

    def _metrics(self, group: str, new: Wanted) -> Iterator[Call]:
        for collection in new.get("MetricsCollection") or []:
            yield self.call("EnableMetricsCollection", collection, AutoScalingGroupName=group)

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        group = {"AutoScalingGroupName": it.id}
        yield self.call("UpdateAutoScalingGroup", group, self._sizes(new))
        before, after = set(old.get("TargetGroupARNs") or []), set(new.get("TargetGroupARNs") or [])
        if before - after:
            yield self.call("DetachLoadBalancerTargetGroups", group, TargetGroupARNs=sorted(before - after))
        if after - before:
            yield self.call("AttachLoadBalancerTargetGroups", group, TargetGroupARNs=sorted(after - before))
        if changed(old, new, "MetricsCollection"):
            yield self.call("DisableMetricsCollection", group)
            yield from self._metrics(it.id, new)
        added, removed = retagged(old, new)
        if added:
            yield self.call("CreateOrUpdateTags", Tags=self._tags(it.id, added))
        if removed:
            yield self.call(
                "DeleteTags",
                Tags=[{"ResourceId": it.id, "ResourceType": "auto-scaling-group", "Key": one} for one in removed],
            )

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("UpdateAutoScalingGroup", AutoScalingGroupName=it.id, MinSize=0, MaxSize=0, DesiredCapacity=0)
        yield self.call("DeleteAutoScalingGroup", AutoScalingGroupName=it.id)


class ScalingPolicy(Handler):
    name, service = "AWS::AutoScaling::ScalingPolicy", "autoscaling"

    def _put(self, policy: str, new: Wanted) -> Call:
        return self.call(
            "PutScalingPolicy",
            new.take(
                "AdjustmentType",
                "AutoScalingGroupName",
                "Cooldown",
                "EstimatedInstanceWarmup",
                "MetricAggregationType",
                "MinAdjustmentMagnitude",
                "PolicyType",
                "ScalingAdjustment",
                "StepAdjustments",
                "TargetTrackingConfiguration",
            ),
            PolicyName=policy,
        )

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self._put(GENERATED, new)

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self._put(it.id.rsplit("policyName/", 1)[-1], new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeletePolicy", PolicyName=it.id)


HANDLERS = (Group(), ScalingPolicy())
