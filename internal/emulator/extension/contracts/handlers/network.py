"""VPCs and what is in them, and addresses."""

from collections.abc import Iterator
from typing import Any

from .base import Call, Handler, It, Params, Wanted, changed, named, retagged


class Ec2Handler(Handler):
    """A handler that tags by EC2's calls. kind is the resource type that a tag specification names."""

    service = "ec2"
    kind = ""

    def tagged(self, new: Wanted) -> Params:
        """Tags at the creation."""
        tags = new.tags()
        return {"TagSpecifications": [{"ResourceType": self.kind, "Tags": tags}]} if tags else {}

    def tag(self, resource: str, old: Wanted, new: Wanted) -> Iterator[Call]:
        """Tags of what stands."""
        added, removed = retagged(old, new)
        if added:
            yield self.call("CreateTags", Resources=[resource], Tags=added)
        if removed:
            yield self.call("DeleteTags", Resources=[resource], Tags=[{"Key": key} for key in removed])


class Vpc(Ec2Handler):
    name, kind = "AWS::EC2::VPC", "vpc"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("CreateVpc", new.take("CidrBlock"), self.tagged(new))
        yield from self._attributes("vpc-0123456789abcdef0", new)

    def _attributes(self, vpc: str, new: Wanted) -> Iterator[Call]:
        for name in ("EnableDnsSupport", "EnableDnsHostnames"):
            if new.get(name) is not None:
                yield self.call("ModifyVpcAttribute", VpcId=vpc, **{name: {"Value": new.get(name)}})

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield from self._attributes(it.id, new)
        yield from self.tag(it.id, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteVpc", VpcId=it.id)


class InternetGateway(Ec2Handler):
    name, kind = "AWS::EC2::InternetGateway", "internet-gateway"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("CreateInternetGateway", self.tagged(new))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield from self.tag(it.id, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteInternetGateway", InternetGatewayId=it.id)


class Attachment(Ec2Handler):
    name = "AWS::EC2::VPCGatewayAttachment"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("AttachInternetGateway", new.take("InternetGatewayId", "VpcId"))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield from self.delete(it, old)
        yield from self.create(new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DetachInternetGateway", old.take("InternetGatewayId", "VpcId"))


class Subnet(Ec2Handler):
    name, kind = "AWS::EC2::Subnet", "subnet"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("CreateSubnet", new.take("VpcId", "CidrBlock", "AvailabilityZone"), self.tagged(new))
        yield from self._attributes("subnet-0123456789abcdef0", new)

    def _attributes(self, subnet: str, new: Wanted) -> Iterator[Call]:
        if new.get("MapPublicIpOnLaunch") is not None:
            yield self.call(
                "ModifySubnetAttribute", SubnetId=subnet, MapPublicIpOnLaunch={"Value": new.get("MapPublicIpOnLaunch")}
            )

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield from self._attributes(it.id, new)
        yield from self.tag(it.id, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteSubnet", SubnetId=it.id)


class RouteTable(Ec2Handler):
    name, kind = "AWS::EC2::RouteTable", "route-table"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("CreateRouteTable", new.take("VpcId"), self.tagged(new))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield from self.tag(it.id, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteRouteTable", RouteTableId=it.id)


class Route(Ec2Handler):
    name = "AWS::EC2::Route"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("CreateRoute", new.take("RouteTableId", "DestinationCidrBlock", "GatewayId"))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self.call("ReplaceRoute", new.take("RouteTableId", "DestinationCidrBlock", "GatewayId"))

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteRoute", old.take("RouteTableId", "DestinationCidrBlock"))


class RouteTableAssociation(Ec2Handler):
    name = "AWS::EC2::SubnetRouteTableAssociation"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("AssociateRouteTable", new.take("SubnetId", "RouteTableId"))

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DisassociateRouteTable", AssociationId=it.id)


# ---- security groups

PEERS = {
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "SourcePrefixListId": ("PrefixListIds", "PrefixListId"),
    "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
    "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}
"""A rule's peer in a template: the list of the permission that it stands in, and its name there."""


def permission(rule: dict[str, Any]) -> Params:
    """A rule of a template as an IpPermission. A member that it does not know stays, for the model to refuse."""
    described = {"Description": rule["Description"]} if rule.get("Description") is not None else {}
    made = {name: value for name, value in rule.items() if name not in PEERS and name not in ("Description", "GroupId")}
    for peer, (where, name) in PEERS.items():
        if peer in rule:
            made.setdefault(where, []).append({name: rule[peer], **described})
    return made


class SecurityGroup(Ec2Handler):
    name, kind = "AWS::EC2::SecurityGroup", "security-group"
    DIRECTIONS = ("Ingress", "Egress")

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "CreateSecurityGroup",
            new.take("VpcId", Description="GroupDescription"),
            named(new, "GroupName"),
            self.tagged(new),
        )
        for direction in self.DIRECTIONS:
            yield from self._rules(
                "Authorize", direction, "sg-0123456789abcdef0", new.get(f"SecurityGroup{direction}") or []
            )

    def _rules(self, verb: str, direction: str, group: str, rules: list[dict[str, Any]]) -> Iterator[Call]:
        if rules:
            yield self.call(
                f"{verb}SecurityGroup{direction}", GroupId=group, IpPermissions=[permission(one) for one in rules]
            )

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        for direction in self.DIRECTIONS:
            before, after = (one.get(f"SecurityGroup{direction}") or [] for one in (old, new))
            yield from self._rules("Revoke", direction, it.id, [one for one in before if one not in after])
            yield from self._rules("Authorize", direction, it.id, [one for one in after if one not in before])
        yield from self.tag(it.id, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteSecurityGroup", GroupId=it.id)


class Rule(Ec2Handler):
    """A rule of a group that stands elsewhere."""

    MEMBERS = (
        "IpProtocol",
        "FromPort",
        "ToPort",
        "CidrIp",
        "SourceSecurityGroupId",
        "DestinationSecurityGroupId",
        "Description",
    )

    def __init__(self, direction: str) -> None:
        self.direction, self.name = direction, f"AWS::EC2::SecurityGroup{direction}"

    def _rule(self, rule: Wanted) -> Params:
        return {**rule.take("GroupId"), "IpPermissions": [permission(rule.take(*self.MEMBERS))]}

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(f"AuthorizeSecurityGroup{self.direction}", self._rule(new))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self.call(f"UpdateSecurityGroupRuleDescriptions{self.direction}", self._rule(new))

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call(f"RevokeSecurityGroup{self.direction}", old.take("GroupId"), SecurityGroupRuleIds=[it.id])


# ---- addresses

ASSOCIATION = "eipassoc-0123456789abcdef0"


class ElasticIp(Ec2Handler):
    name, kind = "AWS::EC2::EIP", "elastic-ip"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("AllocateAddress", new.take("Domain"), self.tagged(new))
        yield from self._associate("eipalloc-0123456789abcdef0", new)

    def _associate(self, allocation: str, new: Wanted) -> Iterator[Call]:
        if new.get("InstanceId"):
            yield self.call("AssociateAddress", AllocationId=allocation, InstanceId=new.get("InstanceId"))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        if changed(old, new, "InstanceId"):
            if old.get("InstanceId"):
                yield self.call("DisassociateAddress", AssociationId=ASSOCIATION)
            yield from self._associate(it.attributes["AllocationId"], new)
        yield from self.tag(it.attributes["AllocationId"], old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        if old.get("InstanceId"):
            yield self.call("DisassociateAddress", AssociationId=ASSOCIATION)
        yield self.call("ReleaseAddress", AllocationId=it.attributes["AllocationId"])


class AddressAssociation(Ec2Handler):
    name = "AWS::EC2::EIPAssociation"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("AssociateAddress", new.take("AllocationId", "InstanceId"))

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DisassociateAddress", AssociationId=it.id)


HANDLERS = (
    Vpc(),
    InternetGateway(),
    Attachment(),
    Subnet(),
    RouteTable(),
    Route(),
    RouteTableAssociation(),
    SecurityGroup(),
    Rule("Ingress"),
    Rule("Egress"),
    ElasticIp(),
    AddressAssociation(),
)
