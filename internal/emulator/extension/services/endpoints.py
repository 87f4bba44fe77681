"""Private ways from a VPC to AWS's services: endpoints, and the network interfaces by which they are reached.

AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html, API_DescribeVpcEndpoints.html; vpc/latest/privatelink/create-interface-endpoint.html.
"""

from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import ec2

from .. import actions
from . import compute, network
from .network import new_id, refuse

FILTERS = ("service-name", "vpc-endpoint-state", "vpc-endpoint-type", "vpc-id")


def _create(parameters: actions.Parameters) -> actions.Response:
    """An endpoint; one with interfaces has an address in each subnet, and answers in its service's place where that is asked."""
    vpc = network.require_vpc(actions.one(parameters, "VpcId"))
    interface = actions.one(parameters, "VpcEndpointType", "Gateway") == "Interface"
    subnets = [network.require_subnet(one) for one in actions.listed(parameters, "SubnetId")]
    groups = actions.listed(parameters, "SecurityGroupId") or (
        [compute.default_group(vpc["VpcId"])] if interface else []
    )
    network.require_groups(groups, vpc["VpcId"])
    if interface and any(one["VpcId"] != vpc["VpcId"] for one in subnets):
        raise refuse("InvalidParameter", "The subnets and the endpoint belong to different networks.")
    endpoint = {
        "VpcEndpointId": new_id("vpce-"),
        "VpcEndpointType": "Interface" if interface else "Gateway",
        "VpcId": vpc["VpcId"],
        "ServiceName": actions.one(parameters, "ServiceName"),
        "State": "available",
        "RouteTableIds": actions.listed(parameters, "RouteTableId"),
        "SubnetIds": [one["SubnetId"] for one in subnets],
        "OwnerId": get_account_id(),
        "Groups": groups,
        "PrivateDnsEnabled": interface and actions.flag(actions.one(parameters, "PrivateDnsEnabled", "true")),
        "NetworkInterfaceIds": [_reached(one, groups) for one in subnets] if interface else [],
    }
    ec2._vpc_endpoints[endpoint["VpcEndpointId"]] = endpoint
    ec2._parse_tag_specs(parameters, "vpc-endpoint", endpoint["VpcEndpointId"])
    return _xml("CreateVpcEndpoint", _shown(endpoint, "vpcEndpoint"))


def _reached(subnet: dict[str, Any], groups: list[str]) -> str:
    """The id of an interface in that subnet."""
    interface_id = new_id("eni-")
    ec2._network_interfaces[interface_id] = {
        "NetworkInterfaceId": interface_id,
        "SubnetId": subnet["SubnetId"],
        "VpcId": subnet["VpcId"],
        "AvailabilityZone": subnet["AvailabilityZone"],
        "Description": "VPC Endpoint Interface",
        "OwnerId": get_account_id(),
        "Status": "in-use",
        "PrivateIpAddress": compute.free_ip(subnet),
        "InterfaceType": "vpc_endpoint",
        "SourceDestCheck": True,
        "MacAddress": "0a:00:00:00:00:01",
        "Groups": [{"GroupId": one, "GroupName": ec2._security_groups[one]["GroupName"]} for one in groups],
        "Attachment": None,
    }
    return interface_id


def _describe(parameters: actions.Parameters) -> actions.Response:
    filters = network.known_filters(parameters, FILTERS)
    wanted = actions.listed(parameters, "VpcEndpointId")
    items = "".join(
        _shown(one, "item")
        for one in ec2._vpc_endpoints.values()
        if (not wanted or one["VpcEndpointId"] in wanted)
        and all(_value(one, name) in values for name, values in filters.items() if name in FILTERS)
        and ec2._resource_matches_tag_filters(one["VpcEndpointId"], filters)
    )
    return _xml("DescribeVpcEndpoints", f"<vpcEndpointSet>{items}</vpcEndpointSet>")


def _value(endpoint: dict[str, Any], name: str) -> str:
    keys = dict(zip(FILTERS, ("ServiceName", "State", "VpcEndpointType", "VpcId"), strict=True))
    return str(endpoint[keys[name]])


def _shown(endpoint: dict[str, Any], tag: str) -> str:
    shown: str = ec2._vpce_fields_xml(endpoint, tag=tag)
    interfaces = "".join(f"<item>{one}</item>" for one in endpoint["NetworkInterfaceIds"])
    groups = "".join(f"<item><groupId>{one}</groupId></item>" for one in endpoint["Groups"])
    more = (
        f"<privateDnsEnabled>{str(endpoint['PrivateDnsEnabled']).lower()}</privateDnsEnabled>"
        f"<networkInterfaceIdSet>{interfaces}</networkInterfaceIdSet><groupSet>{groups}</groupSet>"
    )
    return shown.removesuffix(f"</{tag}>") + more + f"</{tag}>"


def _xml(action: str, inner: str) -> actions.Response:
    response: actions.Response = ec2._xml(200, f"{action}Response", inner)
    return response


def install() -> None:
    ec2._ACTION_MAP["CreateVpcEndpoint"] = network.answering(_create)
    ec2._ACTION_MAP["DescribeVpcEndpoints"] = network.answering(_describe)
