"""Instances and launch templates."""

from collections.abc import Iterator
from typing import Any

from .base import Call, It, Params, Wanted, changed, named
from .network import Ec2Handler


def _credits(specification: Any) -> Any:
    """CPUCredits in a template is CpuCredits in the call."""
    return {("CpuCredits" if name == "CPUCredits" else name): value for name, value in specification.items()}


class Instance(Ec2Handler):
    name, kind = "AWS::EC2::Instance", "instance"
    STOPPING: Params = {"InstanceType": "m1.small", "EbsOptimized": False, "UserData": ""}
    """What changes while it is stopped, each by a call of its own, and its default (API_ModifyInstanceAttribute.html)."""

    RUNNING: Params = {
        "DisableApiTermination": False,
        "InstanceInitiatedShutdownBehavior": "stop",
        "SourceDestCheck": True,
    }
    """What changes while it runs, likewise."""

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "RunInstances",
            new.take(
                "BlockDeviceMappings",
                "DisableApiTermination",
                "EbsOptimized",
                "ImageId",
                "InstanceInitiatedShutdownBehavior",
                "InstanceType",
                "KeyName",
                "MetadataOptions",
                "PrivateIpAddress",
                "SecurityGroupIds",
                "SubnetId",
                "UserData",
            ),
            self.tagged(new),
            self._renamed(new),
            MinCount=1,
            MaxCount=1,
        )
        if new.get("SourceDestCheck") is not None:
            yield self._attribute(
                It("i-0123456789abcdef0", {}), "SourceDestCheck", {"Value": new.get("SourceDestCheck")}
            )

    @staticmethod
    def _renamed(new: Wanted) -> Params:
        ways = (
            ("AvailabilityZone", "Placement", lambda value: {"AvailabilityZone": value}),
            ("IamInstanceProfile", "IamInstanceProfile", lambda value: {"Name": value}),
            ("Monitoring", "Monitoring", lambda value: {"Enabled": value}),
            ("CreditSpecification", "CreditSpecification", _credits),
        )
        return {member: way(new.get(name)) for name, member, way in ways if new.get(name) is not None}

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        if changed(old, new, *self.STOPPING):
            yield self.call("StopInstances", InstanceIds=[it.id])
            for name, default in self.STOPPING.items():
                if changed(old, new, name):
                    yield self._attribute(it, name, {"Value": new.get(name, default)})
            yield self.call("StartInstances", InstanceIds=[it.id])
        yield from self._running(it, old, new)
        yield from self.tag(it.id, old, new)

    def _attribute(self, it: It, name: str, value: Any) -> Call:
        return self.call("ModifyInstanceAttribute", InstanceId=it.id, **{name: value})

    def _running(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        """What changes while it runs."""
        for name, default in self.RUNNING.items():
            if changed(old, new, name):
                yield self._attribute(it, name, {"Value": new.get(name, default)})
        if changed(old, new, "SecurityGroupIds"):
            yield self._attribute(it, "Groups", new.get("SecurityGroupIds") or [])
        if changed(old, new, "BlockDeviceMappings"):
            yield self._attribute(
                it,
                "BlockDeviceMappings",
                [
                    {
                        "DeviceName": one.get("DeviceName"),
                        "Ebs": {"DeleteOnTermination": one.get("Ebs", {}).get("DeleteOnTermination", True)},
                    }
                    for one in new.get("BlockDeviceMappings") or []
                ],
            )
        if changed(old, new, "Monitoring"):
            on = str(new.get("Monitoring", False)).lower() == "true"
            yield self.call("MonitorInstances" if on else "UnmonitorInstances", InstanceIds=[it.id])
        if changed(old, new, "CreditSpecification"):
            yield self.call(
                "ModifyInstanceCreditSpecification",
                InstanceCreditSpecifications=[
                    {"InstanceId": it.id, **_credits(new.get("CreditSpecification") or {"CPUCredits": "standard"})}
                ],
            )
        if changed(old, new, "MetadataOptions"):
            yield self.call("ModifyInstanceMetadataOptions", new.get("MetadataOptions") or {}, InstanceId=it.id)
        yield from self._profile(it, old, new)

    def _profile(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        if not changed(old, new, "IamInstanceProfile"):
            return
        association, profile = "iip-assoc-0123456789abcdef0", new.get("IamInstanceProfile")
        if not profile:
            yield self.call("DisassociateIamInstanceProfile", AssociationId=association)
        elif old.get("IamInstanceProfile"):
            yield self.call(
                "ReplaceIamInstanceProfileAssociation", IamInstanceProfile={"Name": profile}, AssociationId=association
            )
        else:
            yield self.call("AssociateIamInstanceProfile", IamInstanceProfile={"Name": profile}, InstanceId=it.id)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("TerminateInstances", InstanceIds=[it.id])


class LaunchTemplate(Ec2Handler):
    name, kind = "AWS::EC2::LaunchTemplate", "launch-template"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "CreateLaunchTemplate",
            named(new, "LaunchTemplateName"),
            new.take("LaunchTemplateData", "TagSpecifications"),
        )

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self.call("CreateLaunchTemplateVersion", new.take("LaunchTemplateData"), LaunchTemplateId=it.id)
        if changed(old, new, "TagSpecifications"):
            for specification in new.get("TagSpecifications") or []:
                yield self.call("CreateTags", Resources=[it.id], Tags=specification.get("Tags"))

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteLaunchTemplate", LaunchTemplateId=it.id)


HANDLERS = (Instance(), LaunchTemplate())
