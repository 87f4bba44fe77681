"""VPCs and what is in them: subnets, gateways, routes, security groups. Addresses are in addresses.py.

What may not be removed while something needs it: vpc/latest/userguide/delete-vpc.html and, in AWSEC2/latest/APIReference,
API_DeleteSubnet.html, API_DetachInternetGateway.html, API_DeleteRouteTable.html and API_DeleteSecurityGroup.html; the codes are
those of errors-overview.html.
"""

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ministack.core.responses import get_region
from ministack.services import alb, ec2, elasticache
from ministack.services.cloudformation import provisioners

from .. import actions
from ..resources import Made, Native, Place, Properties, Refusal, ResourceType, generated_name
from . import quotas

SERVICE = "Ec2"
ZONES = "abc"
"""The zones of Mumbai."""


def refuse(code: str, message: str) -> Refusal:
    return Refusal(SERVICE, code, message)


def zones() -> list[str]:
    """The names of the region's zones."""
    return [get_region() + letter for letter in ZONES]


def known_filters(parameters: actions.Parameters, known: Iterable[str]) -> dict[str, list[str]]:
    """The request's filters; one that is not held is refused, not passed over."""
    filters: dict[str, list[str]] = ec2._parse_filters(parameters)
    for name in filters:
        if name not in known and not name.startswith("tag"):
            raise refuse("InvalidParameterValue", f"The filter '{name}' is invalid")
    return filters


def new_id(prefix: str) -> str:
    """An id such as eipalloc-0a1b2c3d4e5f60718."""
    return prefix + ec2._new_sg_id().removeprefix("sg-").lower()


def set_tags(resource_id: str, properties: Properties) -> None:
    """Make the template's tags the resource's."""
    ec2._tags[resource_id] = [dict(tag) for tag in properties.get("Tags") or []]


# ---- what has to exist


def require_vpc(vpc_id: str) -> dict[str, Any]:
    if vpc_id not in ec2._vpcs:
        raise refuse("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")
    return ec2._vpcs[vpc_id]


def require_subnet(subnet_id: str) -> dict[str, Any]:
    if subnet_id not in ec2._subnets:
        raise refuse("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
    return ec2._subnets[subnet_id]


def require_groups(group_ids: Iterable[str], vpc_id: str = "") -> None:
    """Refuse security groups that do not exist, or are in another network."""
    for group_id in group_ids:
        group = ec2._security_groups.get(group_id)
        if group is None:
            raise refuse("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
        if vpc_id and group["VpcId"] != vpc_id:
            raise refuse("InvalidParameter", f"Security group {group_id} and subnet belong to different networks.")


def _require_table(table_id: str) -> dict[str, Any]:
    if table_id not in ec2._route_tables:
        raise refuse("InvalidRouteTableID.NotFound", f"The routeTable ID '{table_id}' does not exist")
    return ec2._route_tables[table_id]


def _require_gateway(gateway_id: str) -> dict[str, Any]:
    if gateway_id not in ec2._internet_gateways:
        raise refuse("InvalidInternetGatewayID.NotFound", f"The internetGateway ID '{gateway_id}' does not exist")
    return ec2._internet_gateways[gateway_id]


# ---- what is in use


def live_instances() -> Iterator[dict[str, Any]]:
    """The instances that are not terminated."""
    return (one for one in list(ec2._instances.values()) if one["State"]["Name"] != "terminated")


def keep_vpc(vpc_id: str) -> None:
    """Refuse the removal of a VPC that has anything but what came with it."""
    main = ec2._vpcs.get(vpc_id, {}).get("MainRouteTableId")
    inside = [
        *ec2._subnets.values(),
        *(one for one in ec2._route_tables.values() if one["RouteTableId"] != main),
        *(one for one in ec2._security_groups.values() if one["GroupName"] != "default"),
        *(attached for one in ec2._internet_gateways.values() for attached in one["Attachments"]),
    ]
    if any(one["VpcId"] == vpc_id for one in inside):
        raise refuse("DependencyViolation", f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


def keep_subnet(subnet_id: str) -> None:
    """Refuse the removal of a subnet where something has an address."""
    if (
        any(one["SubnetId"] == subnet_id for one in live_instances())
        or _caches_in_subnet(subnet_id)
        or any(subnet_id in one["Subnets"] for one in alb._lbs.values())
    ):
        raise refuse("DependencyViolation", f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")


def count_addresses() -> None:
    """Tell of each subnet how many addresses are free: AWS keeps the first four and the last one of a block for itself
    (vpc/latest/userguide/subnet-sizing.html), and each interface, load balancer and machine holds one or more."""
    for subnet in ec2._subnets.values():
        holders = (
            [one["SubnetId"] for one in live_instances()]
            + [one["SubnetId"] for one in ec2._network_interfaces.values()]
            + [one for balancer in alb._lbs.values() for one in balancer["Subnets"]]
        )
        size = ipaddress.ip_network(subnet["CidrBlock"], strict=False).num_addresses
        subnet["AvailableIpAddressCount"] = max(0, size - 5 - holders.count(subnet["SubnetId"]))


def keep_gateway(gateway_id: str) -> None:
    """Refuse the removal of a gateway that is attached."""
    if ec2._internet_gateways.get(gateway_id, {}).get("Attachments"):
        raise refuse(
            "DependencyViolation", f"The internetGateway '{gateway_id}' has dependencies and cannot be deleted."
        )


def keep_attachment(vpc_id: str) -> None:
    """Refuse to detach a VPC where something has a public address."""
    holders = [
        *(one["SubnetId"] for one in live_instances() if one["PublicIpAddress"]),
        *(subnet_id for one in alb._lbs.values() if one["Scheme"] == "internet-facing" for subnet_id in one["Subnets"]),
    ]
    if any(ec2._subnets.get(subnet_id, {}).get("VpcId") == vpc_id for subnet_id in holders):
        raise refuse(
            "DependencyViolation",
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public "
            "address(es) before detaching the gateway.",
        )


def keep_table(table_id: str) -> None:
    """Refuse the removal of a route table that subnets use."""
    if ec2._route_tables.get(table_id, {}).get("Associations"):
        raise refuse("DependencyViolation", f"The routeTable '{table_id}' has dependencies and cannot be deleted.")


def keep_group(group_id: str) -> None:
    """Refuse the removal of a security group that something stands in, or that another group's rule names."""
    used = (
        any(group["GroupId"] == group_id for one in live_instances() for group in one["SecurityGroups"])
        or any(group["GroupId"] == group_id for one in ec2._network_interfaces.values() for group in one["Groups"])
        or any(group_id in one.get("SecurityGroups", []) for one in alb._lbs.values())
        or _caches_in_group(group_id)
        or any(
            pair.get("GroupId") == group_id
            for one in ec2._security_groups.values()
            if one["GroupId"] != group_id
            for rule in [*one["IpPermissions"], *one["IpPermissionsEgress"]]
            for pair in rule["UserIdGroupPairs"]
        )
    )
    if used:
        raise refuse("DependencyViolation", f"resource {group_id} has a dependent object")


def _caches_in_group(group_id: str) -> bool:
    """Whether a cache stands in that security group."""
    return any(
        one["SecurityGroupId"] == group_id
        for group in elasticache._replication_groups.values()
        for one in group["SecurityGroups"]
    )


def _caches_in_subnet(subnet_id: str) -> bool:
    """Whether a cache may stand in that subnet: its group names it."""
    used = {group["CacheSubnetGroupName"] for group in elasticache._replication_groups.values()}
    return any(
        one["SubnetIdentifier"] == subnet_id
        for name in used
        if name in elasticache._subnet_groups
        for one in elasticache._subnet_groups[name]["Subnets"]
    )


GUARDS: dict[str, tuple[str, Callable[[str], None]]] = {
    "DeleteVpc": ("VpcId", keep_vpc),
    "DeleteSubnet": ("SubnetId", keep_subnet),
    "DeleteInternetGateway": ("InternetGatewayId", keep_gateway),
    "DetachInternetGateway": ("VpcId", keep_attachment),
    "DeleteRouteTable": ("RouteTableId", keep_table),
    "DeleteSecurityGroup": ("GroupId", keep_group),
}
"""What the API refuses in the same way: the action, the parameter that names the thing, the check."""


# ---- how many there may be (errors-overview.html)


def check_vpcs() -> None:
    quotas.hold(quotas.VPCS, len(ec2._vpcs), SERVICE, "VpcLimitExceeded", "VPCs")


def check_gateways() -> None:
    quotas.hold(
        quotas.GATEWAYS, len(ec2._internet_gateways), SERVICE, "InternetGatewayLimitExceeded", "internet gateways"
    )


def check_groups() -> None:
    quotas.hold(quotas.GROUPS, len(ec2._security_groups), SERVICE, "SecurityGroupLimitExceeded", "security groups")


def check_interface(group_ids: list[str]) -> None:
    """Of one network interface."""
    quotas.hold(
        quotas.GROUPS_EACH,
        len(group_ids) - 1,
        SERVICE,
        "SecurityGroupsPerInterfaceLimitExceeded",
        "security groups per interface",
    )


LIMITS = {
    "CreateVpc": check_vpcs,
    "CreateInternetGateway": check_gateways,
    "CreateSecurityGroup": check_groups,
}
"""What the API refuses in the same way."""


# ---- types


class Vpc(Native):
    """A VPC."""

    def __init__(self) -> None:
        super().__init__(
            "AWS::EC2::VPC", ("CidrBlock", "EnableDnsHostnames", "EnableDnsSupport", "Tags.*"), ("CidrBlock",)
        )

    def create(self, place: Place, properties: Properties) -> Made:
        if not 16 <= ipaddress.ip_network(properties["CidrBlock"]).prefixlen <= 28:
            raise refuse("InvalidVpc.Range", f"The CIDR '{properties['CidrBlock']}' is invalid.")
        check_vpcs()
        return super().create(place, properties)

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        keep_vpc(physical_id)
        super().delete(place, physical_id, properties)


class InternetGateway(Native):
    """A gateway to the internet."""

    def __init__(self) -> None:
        super().__init__("AWS::EC2::InternetGateway", ("Tags.*",))

    def create(self, place: Place, properties: Properties) -> Made:
        check_gateways()
        return super().create(place, properties)

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        keep_gateway(physical_id)
        super().delete(place, physical_id, properties)


class Attachment(Native):
    """A VPC's gateway: it has one, and a gateway has one VPC."""

    deletes_first = True

    def __init__(self) -> None:
        super().__init__("AWS::EC2::VPCGatewayAttachment", ("VpcId", "InternetGatewayId"), ("VpcId",))

    def create(self, place: Place, properties: Properties) -> Made:
        vpc_id, gateway = properties["VpcId"], _require_gateway(properties["InternetGatewayId"])
        require_vpc(vpc_id)
        if gateway["Attachments"]:
            raise refuse(
                "Resource.AlreadyAssociated",
                f"resource {gateway['InternetGatewayId']} is already attached to network "
                f"{gateway['Attachments'][0]['VpcId']}",
            )
        if any(one["VpcId"] == vpc_id for other in ec2._internet_gateways.values() for one in other["Attachments"]):
            raise refuse("InvalidParameterValue", f"Network {vpc_id} already has an internet gateway attached")
        return super().create(place, properties)

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        if any(
            one["VpcId"] == properties["VpcId"]
            for one in ec2._internet_gateways.get(properties["InternetGatewayId"], {}).get("Attachments", [])
        ):
            keep_attachment(properties["VpcId"])
        super().delete(place, physical_id, properties)


class Subnet(Native):
    """A subnet: inside its VPC's block, apart from its neighbours, in a zone of the region."""

    def __init__(self) -> None:
        super().__init__(
            "AWS::EC2::Subnet",
            ("VpcId", "CidrBlock", "AvailabilityZone", "MapPublicIpOnLaunch", "Tags.*"),
            ("VpcId", "CidrBlock", "AvailabilityZone"),
        )

    def create(self, place: Place, properties: Properties) -> Made:
        vpc, block = require_vpc(properties["VpcId"]), ipaddress.ip_network(properties["CidrBlock"])
        if not block.subnet_of(ipaddress.ip_network(vpc["CidrBlock"])):  # type: ignore[arg-type]
            raise refuse("InvalidSubnet.Range", f"The CIDR '{block}' is invalid.")
        for other in ec2._subnets.values():
            if other["VpcId"] == vpc["VpcId"] and block.overlaps(ipaddress.ip_network(other["CidrBlock"])):
                raise refuse("InvalidSubnet.Conflict", f"The CIDR '{block}' conflicts with another subnet")
        zone = properties.get("AvailabilityZone")
        if zone and zone not in zones():
            raise refuse(
                "InvalidParameterValue",
                f"Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently "
                f"only be created in the following availability zones: {', '.join(zones())}.",
            )
        return super().create(place, properties)

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        keep_subnet(physical_id)
        super().delete(place, physical_id, properties)


class RouteTable(Native):
    """A route table."""

    def __init__(self) -> None:
        super().__init__("AWS::EC2::RouteTable", ("VpcId", "Tags.*"), ("VpcId",))

    def create(self, place: Place, properties: Properties) -> Made:
        require_vpc(properties["VpcId"])
        return super().create(place, properties)

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        keep_table(physical_id)
        super().delete(place, physical_id, properties)


class Route(Native):
    """A route to a gateway, which has to be attached to the table's VPC."""

    def __init__(self) -> None:
        super().__init__(
            "AWS::EC2::Route",
            ("RouteTableId", "DestinationCidrBlock", "GatewayId"),
            ("RouteTableId", "DestinationCidrBlock"),
        )

    def create(self, place: Place, properties: Properties) -> Made:
        table, destination = self._check(properties), properties["DestinationCidrBlock"]
        if any(one.get("DestinationCidrBlock") == destination for one in table["Routes"]):
            raise refuse("RouteAlreadyExists", f"The route identified by {destination} already exists.")
        return super().create(place, properties)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        self._check(new)
        return super().update(place, physical_id, old, new)

    @staticmethod
    def _check(properties: Properties) -> dict[str, Any]:
        table, gateway = _require_table(properties["RouteTableId"]), _require_gateway(properties["GatewayId"])
        if all(one["VpcId"] != table["VpcId"] for one in gateway["Attachments"]):
            raise refuse(
                "InvalidParameterValue",
                f"route table {table['RouteTableId']} and network gateway "
                f"{gateway['InternetGatewayId']} belong to different networks",
            )
        return table


class RouteTableAssociation(ResourceType):
    """Which table a subnet uses: one."""

    name = "AWS::EC2::SubnetRouteTableAssociation"
    holds = frozenset(("SubnetId", "RouteTableId"))
    replaces = holds
    deletes_first = True

    def create(self, place: Place, properties: Properties) -> Made:
        subnet_id, table_id = properties["SubnetId"], properties["RouteTableId"]
        require_subnet(subnet_id)
        _require_table(table_id)
        if any(
            one.get("SubnetId") == subnet_id for table in ec2._route_tables.values() for one in table["Associations"]
        ):
            raise refuse(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {table_id} conflicts with an existing association",
            )
        made: Made = provisioners._provision_resource(self.name, place.logical_id, properties, place.stack_name)
        return made[0], {"Id": made[0]}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        provisioners._delete_resource(self.name, physical_id, properties, place.stack_name, place.logical_id)


class SecurityGroup(Native):
    """A security group with its rules; without rules of its own for traffic out it lets all out
    (AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html, SecurityGroupEgress)."""

    name_is_id = False

    def __init__(self) -> None:
        super().__init__(
            "AWS::EC2::SecurityGroup",
            ("GroupDescription", "GroupName", "VpcId", "SecurityGroupIngress.*", "SecurityGroupEgress.*", "Tags.*"),
            ("GroupDescription", "GroupName", "VpcId"),
            "GroupName",
        )

    def taken(self, properties: Properties) -> bool:
        """Within its VPC."""
        named = (properties.get("GroupName"), properties.get("VpcId", ec2._DEFAULT_VPC_ID))
        return named in [(one["GroupName"], one["VpcId"]) for one in ec2._security_groups.values()]

    def create(self, place: Place, properties: Properties) -> Made:
        self._check(properties)
        require_vpc(properties.get("VpcId", ec2._DEFAULT_VPC_ID))
        check_groups()
        return super().create(place, {"GroupName": generated_name(place, 255), **properties})

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        self._check(new)
        name = {"GroupName": ec2._security_groups[physical_id]["GroupName"]}
        return super().update(place, physical_id, {**name, **old}, {**name, **new})

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        keep_group(physical_id)
        super().delete(place, physical_id, properties)

    @staticmethod
    def _check(properties: Properties) -> None:
        rules = [*properties.get("SecurityGroupIngress", []), *properties.get("SecurityGroupEgress", [])]
        require_groups(
            [
                rule[key]
                for rule in rules
                for key in ("SourceSecurityGroupId", "DestinationSecurityGroupId")
                if key in rule
            ]
        )


class Rule(ResourceType):
    """One rule of a security group that stands elsewhere. Another with the same content is refused."""

    def __init__(self, name: str, direction: str, peer: str) -> None:
        self.name, self.direction, self.peer = name, direction, peer
        self.replaces = frozenset(("GroupId", "IpProtocol", "FromPort", "ToPort", "CidrIp", peer))
        self.holds = self.replaces | {"Description"}

    def create(self, place: Place, properties: Properties) -> Made:
        group_id = properties["GroupId"]
        require_groups([group_id, *([properties[self.peer]] if self.peer in properties else [])])
        (rule,) = provisioners._ec2_sg_permissions([properties])
        rules = ec2._security_groups[group_id][self.direction]
        if any(ec2._rules_match(one, rule) for one in rules):
            raise refuse("InvalidPermission.Duplicate", f'the specified rule "{properties}" already exists')
        quotas.hold(
            quotas.RULES,
            sum(_weight(one) for one in rules),
            SERVICE,
            "RulesPerSecurityGroupLimitExceeded",
            "rules per security group",
        )
        rule["SecurityGroupRuleId"] = new_id("sgr-")
        rules.append(rule)
        return rule["SecurityGroupRuleId"], {"Id": rule["SecurityGroupRuleId"]}

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        (rule,) = provisioners._ec2_sg_permissions([new])
        rules = ec2._security_groups[new["GroupId"]][self.direction]
        rules[:] = [
            {**rule, "SecurityGroupRuleId": physical_id} if one.get("SecurityGroupRuleId") == physical_id else one
            for one in rules
        ]
        return physical_id, {"Id": physical_id}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        group = ec2._security_groups.get(properties["GroupId"])
        if group:
            group[self.direction] = [
                one for one in group[self.direction] if one.get("SecurityGroupRuleId") != physical_id
            ]


def _weight(permission: dict[str, Any]) -> int:
    """How many rules a permission is: one for each source (amazon-vpc-limits.html, "Security groups")."""
    return sum(len(permission.get(key) or []) for key in ("IpRanges", "UserIdGroupPairs", "PrefixListIds"))


def install() -> None:
    for action, (parameter, check) in GUARDS.items():
        ec2._ACTION_MAP[action] = guarded(ec2._ACTION_MAP[action], parameter, check)
    for action, limited in LIMITS.items():
        ec2._ACTION_MAP[action] = limiting(ec2._ACTION_MAP[action], limited)
    ec2._ACTION_MAP["DescribeSubnets"] = limiting(ec2._ACTION_MAP["DescribeSubnets"], count_addresses)


def limiting(action: actions.Action, check: Callable[[], None]) -> actions.Action:
    """The action, refused where there are as many as may be."""

    def checked(parameters: actions.Parameters) -> actions.Response:
        check()
        return action(parameters)

    return answering(checked)


def guarded(action: actions.Action, parameter: str, check: Callable[[str], None]) -> actions.Action:
    """The action, refused where the check refuses what the parameter names."""

    def checked(parameters: actions.Parameters) -> actions.Response:
        check(actions.one(parameters, parameter))
        return action(parameters)

    return answering(checked)


def answering(action: actions.Action) -> actions.Action:
    """The action, with its refusals in EC2's XML."""

    def answered(parameters: actions.Parameters) -> actions.Response:
        try:
            return action(parameters)
        except Refusal as problem:
            response: actions.Response = ec2._error(problem.code, problem.message, 400)
            return response

    return answered


TYPES = (
    Vpc(),
    InternetGateway(),
    Attachment(),
    Subnet(),
    RouteTable(),
    Route(),
    RouteTableAssociation(),
    SecurityGroup(),
    Rule("AWS::EC2::SecurityGroupIngress", "IpPermissions", "SourceSecurityGroupId"),
    Rule("AWS::EC2::SecurityGroupEgress", "IpPermissionsEgress", "DestinationSecurityGroupId"),
)
