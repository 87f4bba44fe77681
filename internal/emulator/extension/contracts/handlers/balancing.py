"""Load balancers, target groups, listeners."""

from collections.abc import Iterator
from typing import Any

from .base import Call, Handler, It, Wanted, changed, named, present, retagged

ARN = "arn:aws:elasticloadbalancing:ap-south-1:123456789012:"


class ElbHandler(Handler):
    """A handler that tags by the service's calls."""

    service = "elbv2"

    def tag(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        added, removed = retagged(old, new)
        if added:
            yield self.call("AddTags", ResourceArns=[it.id], Tags=added)
        if removed:
            yield self.call("RemoveTags", ResourceArns=[it.id], TagKeys=removed)


class LoadBalancer(ElbHandler):
    name = "AWS::ElasticLoadBalancingV2::LoadBalancer"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "CreateLoadBalancer",
            named(new, "Name"),
            new.take("IpAddressType", "Scheme", "SecurityGroups", "Subnets", "Type"),
            present("Tags", new.tags()),
        )
        yield from self._attributes(ARN + "loadbalancer/app/made/0123456789abcdef", new)

    def _attributes(self, arn: str, new: Wanted) -> Iterator[Call]:
        if new.get("LoadBalancerAttributes"):
            yield self.call(
                "ModifyLoadBalancerAttributes", new.take(Attributes="LoadBalancerAttributes"), LoadBalancerArn=arn
            )

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        for name, operation in (
            ("Subnets", "SetSubnets"),
            ("SecurityGroups", "SetSecurityGroups"),
            ("IpAddressType", "SetIpAddressType"),
        ):
            if changed(old, new, name):
                yield self.call(operation, new.take(name), LoadBalancerArn=it.id)
        if changed(old, new, "LoadBalancerAttributes"):
            yield from self._attributes(it.id, new)
        yield from self.tag(it, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteLoadBalancer", LoadBalancerArn=it.id)


class TargetGroup(ElbHandler):
    name = "AWS::ElasticLoadBalancingV2::TargetGroup"
    CHECK = (
        "HealthCheckEnabled",
        "HealthCheckIntervalSeconds",
        "HealthCheckPath",
        "HealthCheckPort",
        "HealthCheckProtocol",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "Matcher",
        "UnhealthyThresholdCount",
    )

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "CreateTargetGroup",
            named(new, "Name"),
            new.take("Port", "Protocol", "TargetType", "VpcId", *self.CHECK),
            present("Tags", new.tags()),
        )
        arn = ARN + "targetgroup/made/0123456789abcdef"
        yield from self._attributes(arn, new)
        yield from self._targets("RegisterTargets", arn, new.get("Targets") or [])

    def _attributes(self, arn: str, new: Wanted) -> Iterator[Call]:
        if new.get("TargetGroupAttributes"):
            yield self.call(
                "ModifyTargetGroupAttributes", new.take(Attributes="TargetGroupAttributes"), TargetGroupArn=arn
            )

    def _targets(self, operation: str, arn: str, targets: list[Any]) -> Iterator[Call]:
        if targets:
            yield self.call(operation, TargetGroupArn=arn, Targets=targets)

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        if changed(old, new, *self.CHECK):
            yield self.call("ModifyTargetGroup", new.take(*self.CHECK), TargetGroupArn=it.id)
        if changed(old, new, "TargetGroupAttributes"):
            yield from self._attributes(it.id, new)
        before, after = old.get("Targets") or [], new.get("Targets") or []
        yield from self._targets("DeregisterTargets", it.id, [one for one in before if one not in after])
        yield from self._targets("RegisterTargets", it.id, [one for one in after if one not in before])
        yield from self.tag(it, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteTargetGroup", TargetGroupArn=it.id)


class Listener(ElbHandler):
    name = "AWS::ElasticLoadBalancingV2::Listener"
    MEMBERS = ("Certificates", "DefaultActions", "Port", "Protocol", "SslPolicy")

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("CreateListener", new.take("LoadBalancerArn", *self.MEMBERS), present("Tags", new.tags()))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        if changed(old, new, *self.MEMBERS):
            yield self.call("ModifyListener", new.take(*self.MEMBERS), ListenerArn=it.id)
        yield from self.tag(it, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteListener", ListenerArn=it.id)


HANDLERS = (LoadBalancer(), TargetGroup(), Listener())
