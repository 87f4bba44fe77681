"""Elastic IP addresses and who holds them.

AssociateAddress moves an address at once unless told not to, and an instance that gets one gives up the one it had
(AWSEC2/latest/APIReference/API_AssociateAddress.html); a released address may be had back by name, an associated one is
not released (API_AllocateAddress.html, API_ReleaseAddress.html).
"""

from typing import Any

from ministack.services import ec2

from .. import actions, models
from ..contracts import denied
from ..resources import Made, Place, Properties, ResourceType
from . import network, quotas
from .network import new_id, refuse

Address = dict[str, Any]


def allocate(wanted: str = "") -> Address:
    """A new address, or the one that is wanted, if nobody has it."""
    quotas.hold(quotas.ADDRESSES, len(ec2._addresses), network.SERVICE, "AddressLimitExceeded", "addresses")
    if wanted and _by_ip(wanted):
        raise refuse("InvalidAddress.NotFound", f"Address '{wanted}' not found.")
    allocation_id = new_id("eipalloc-")
    ec2._addresses[allocation_id] = {
        "AllocationId": allocation_id,
        "PublicIp": wanted or public_ip(),
        "Domain": "vpc",
        "AssociationId": None,
        "InstanceId": None,
        "NetworkInterfaceId": None,
        "PrivateIpAddress": None,
    }
    return dict(ec2._addresses[allocation_id])


def release(allocation_id: str) -> None:
    """Give an address back that nobody holds."""
    address = require(allocation_id)
    if address["AssociationId"]:
        raise refuse(
            "InvalidIPAddress.InUse",
            f"The address with allocation id [{allocation_id}] cannot be released because it is in use",
        )
    del ec2._addresses[allocation_id]
    ec2._tags.pop(allocation_id, None)


def associate(allocation_id: str, instance_id: str, may_move: bool = True) -> str:
    """Let the instance hold the address, whoever did before. The association's id."""
    address, instance = require(allocation_id), ec2._instances.get(instance_id)
    if instance is None or instance["State"]["Name"] == "terminated":
        raise refuse("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist")
    if not _has_gateway(instance["VpcId"]):
        raise refuse("Gateway.NotAttached", f"Network {instance['VpcId']} is not attached to any internet gateway")
    if address["AssociationId"] and not may_move:
        raise refuse(
            "Resource.AlreadyAssociated",
            f"resource {allocation_id} is already associated with associate-id {address['AssociationId']}",
        )
    _end(address)
    for other in held_by(instance_id):
        _end(other)
    association_id = new_id("eipassoc-")
    address.update(AssociationId=association_id, InstanceId=instance_id, PrivateIpAddress=instance["PrivateIpAddress"])
    instance["PublicIpAddress"] = address["PublicIp"]
    return association_id


def disassociate(association_id: str) -> bool:
    """End that association; False where it has ended already."""
    for address in ec2._addresses.values():
        if address["AssociationId"] == association_id:
            _end(address)
            return True
    return False


def held_by(instance_id: str) -> list[Address]:
    """The addresses an instance holds."""
    return [one for one in ec2._addresses.values() if one["InstanceId"] == instance_id]


def require(allocation_id: str) -> Address:
    """The address of that allocation."""
    address: Address | None = ec2._addresses.get(allocation_id)
    if address is None:
        raise refuse("InvalidAllocationID.NotFound", f"The allocation ID '{allocation_id}' does not exist")
    return address


def public_ip() -> str:
    """Some public address."""
    return str(ec2._random_ip("13.233."))


def _end(address: Address) -> None:
    """Nobody holds the address any more; an instance of a public subnet gets another one
    (AWSEC2/latest/UserGuide/using-instance-addressing.html, "Public IPv4 addresses")."""
    instance = ec2._instances.get(address["InstanceId"])
    if instance and instance["PublicIpAddress"] == address["PublicIp"]:
        instance["PublicIpAddress"] = (
            public_ip() if instance.get("_public") and instance["State"]["Name"] == "running" else ""
        )
    address.update(AssociationId=None, InstanceId=None, PrivateIpAddress=None)


def _by_ip(address: str) -> Address | None:
    return next((one for one in ec2._addresses.values() if one["PublicIp"] == address), None)


def _has_gateway(vpc_id: str) -> bool:
    return any(one["VpcId"] == vpc_id for gateway in ec2._internet_gateways.values() for one in gateway["Attachments"])


# ---- the API


def _allocate(parameters: actions.Parameters) -> actions.Response:
    address = allocate(actions.one(parameters, "Address"))
    ec2._parse_tag_specs(parameters, "elastic-ip", address["AllocationId"])
    return _xml(
        "AllocateAddress",
        f"<publicIp>{address['PublicIp']}</publicIp><domain>vpc</domain>"
        f"<allocationId>{address['AllocationId']}</allocationId>",
    )


def _release(parameters: actions.Parameters) -> actions.Response:
    release(actions.one(parameters, "AllocationId"))
    return _xml("ReleaseAddress", "<return>true</return>")


def _associate(parameters: actions.Parameters) -> actions.Response:
    allocation_id = actions.one(parameters, "AllocationId")
    if wanted := _by_ip(actions.one(parameters, "PublicIp")):
        allocation_id = wanted["AllocationId"]
    may_move = actions.flag(actions.one(parameters, "AllowReassociation", "true"))
    return _xml(
        "AssociateAddress",
        "<return>true</return><associationId>"
        f"{associate(allocation_id, actions.one(parameters, 'InstanceId'), may_move)}</associationId>",
    )


def _disassociate(parameters: actions.Parameters) -> actions.Response:
    association_id = actions.one(parameters, "AssociationId")
    if not disassociate(association_id):
        raise refuse("InvalidAssociationID.NotFound", f"The association ID '{association_id}' does not exist")
    return _xml("DisassociateAddress", "<return>true</return>")


def _describe(parameters: actions.Parameters) -> actions.Response:
    allocations, ips = actions.listed(parameters, "AllocationId"), actions.listed(parameters, "PublicIp")
    for allocation_id in allocations:
        require(allocation_id)
    for ip in ips:
        if not _by_ip(ip):
            raise refuse("InvalidAddress.NotFound", f"Address '{ip}' not found.")
    filters = network.known_filters(parameters, FILTERS)
    items = [
        _item(one)
        for one in ec2._addresses.values()
        if (not allocations or one["AllocationId"] in allocations)
        and (not ips or one["PublicIp"] in ips)
        and _matches(one, filters)
    ]
    return _xml("DescribeAddresses", f"<addressesSet>{''.join(items)}</addressesSet>")


FILTERS = {
    "allocation-id": "AllocationId",
    "association-id": "AssociationId",
    "domain": "Domain",
    "instance-id": "InstanceId",
    "public-ip": "PublicIp",
    "private-ip-address": "PrivateIpAddress",
}


def _matches(address: Address, filters: dict[str, list[str]]) -> bool:
    own = all(address[key] in filters[name] for name, key in FILTERS.items() if name in filters)
    return own and bool(ec2._resource_matches_tag_filters(address["AllocationId"], filters))


def _item(address: Address) -> str:
    fields = {
        "allocationId": "AllocationId",
        "publicIp": "PublicIp",
        "domain": "Domain",
        "associationId": "AssociationId",
        "instanceId": "InstanceId",
        "privateIpAddress": "PrivateIpAddress",
    }
    inner = "".join(f"<{tag}>{address[key]}</{tag}>" for tag, key in fields.items() if address[key])
    return f"<item>{inner}{ec2._tag_set_xml(address['AllocationId'])}</item>"


def _xml(action: str, inner: str) -> actions.Response:
    response: actions.Response = ec2._xml(200, f"{action}Response", inner)
    return response


# ---- types


class ElasticIp(ResourceType):
    """An address; its Ref is the address itself. An InstanceId associates it."""

    name = "AWS::EC2::EIP"
    holds = frozenset(("Domain", "InstanceId", "Tags.*"))
    replaces = frozenset(("Domain",))

    def create(self, place: Place, properties: Properties) -> Made:
        address = allocate()
        network.set_tags(address["AllocationId"], properties)
        if properties.get("InstanceId"):
            try:
                associate(address["AllocationId"], properties["InstanceId"])
            except Exception:
                release(address["AllocationId"])
                raise
        return self._made(address)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        address = _by_ip(physical_id)
        if address is None:
            raise refuse("InvalidAddress.NotFound", f"Address '{physical_id}' not found.")
        network.set_tags(address["AllocationId"], new)
        if old.get("InstanceId") != new.get("InstanceId") and address["AssociationId"]:
            denied.refuse("ec2:DisassociateAddress")
        if new.get("InstanceId"):
            associate(address["AllocationId"], new["InstanceId"])
        elif old.get("InstanceId") and address["InstanceId"] == old["InstanceId"]:
            _end(address)
        return self._made(address)

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        address = _by_ip(physical_id)
        if address is None:
            return
        denied.refuse("ec2:ReleaseAddress")
        if properties.get("InstanceId") and address["InstanceId"] == properties["InstanceId"]:
            _end(address)
        release(address["AllocationId"])

    @staticmethod
    def _made(address: Address) -> Made:
        return address["PublicIp"], {"AllocationId": address["AllocationId"], "PublicIp": address["PublicIp"]}


class Association(ResourceType):
    """An address's being held by an instance. Its end ends this association only, not a later one of the same address.

    Every property is create-only, and the old association goes before the new one is made (the registry's schema:
    createOnlyProperties, replacementStrategy). What a create does over an address that is held: models.py.
    """

    name = "AWS::EC2::EIPAssociation"
    holds = frozenset(("AllocationId", "InstanceId"))
    replaces = holds
    identified_by = ("AllocationId",)
    deletes_first = True

    def foreseen(self) -> bool:
        return models.current.heldAddress == models.FORESEE

    def taken(self, properties: Properties) -> bool:
        """Also by the very instance that it is to be held by: github.com/aws/aws-cdk/issues/26423."""
        address = ec2._addresses.get(properties.get("AllocationId"))
        return models.current.heldAddress != models.MOVE and bool(address and address["AssociationId"])

    def imported_by(self) -> tuple[str, ...]:
        return ("Id",)

    def adopt(self, identifier: dict[str, str]) -> Made:
        if not any(one["AssociationId"] == identifier["Id"] for one in ec2._addresses.values()):
            raise refuse("InvalidAssociationID.NotFound", f"The association ID '{identifier['Id']}' does not exist")
        return identifier["Id"], {"Id": identifier["Id"]}

    def actual(self, physical_id: str) -> Properties:
        address = next(one for one in ec2._addresses.values() if one["AssociationId"] == physical_id)
        return {"AllocationId": address["AllocationId"], "InstanceId": address["InstanceId"]}

    def create(self, place: Place, properties: Properties) -> Made:
        association_id = associate(properties["AllocationId"], properties["InstanceId"])
        return association_id, {"Id": association_id}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        if any(one["AssociationId"] == physical_id for one in ec2._addresses.values()):
            denied.refuse("ec2:DisassociateAddress")
        disassociate(physical_id)


def install() -> None:
    for name, action in (
        ("AllocateAddress", _allocate),
        ("ReleaseAddress", _release),
        ("AssociateAddress", _associate),
        ("DisassociateAddress", _disassociate),
        ("DescribeAddresses", _describe),
    ):
        ec2._ACTION_MAP[name] = network.answering(action)


TYPES = (ElasticIp(), Association())
