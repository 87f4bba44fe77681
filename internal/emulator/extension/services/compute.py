"""Instances and their volumes. Nothing boots here: an instance runs as soon as it is launched.

What an update does to an instance, and what replaces it: AWSCloudFormation/latest/UserGuide/aws-resource-ec2-instance.html;
what RunInstances refuses: AWSEC2/latest/APIReference/API_RunInstances.html and errors-overview.html.
"""

import ipaddress
import random
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_region, now_iso
from ministack.services import ec2, iam

from .. import actions, machines
from ..contracts import denied
from ..resources import Made, Place, Properties, ResourceType
from . import addresses, hardware, images, network, quotas
from .network import new_id, refuse

Instance = dict[str, Any]

DEFAULT_TYPE = "m1.small"
RESERVED = 5
"""Addresses of each subnet that nobody gets: the first four and the last (vpc/latest/userguide/subnet-sizing.html)."""
METADATA = {
    "HttpTokens": "optional",
    "HttpPutResponseHopLimit": 1,
    "HttpEndpoint": "enabled",
    "HttpProtocolIpv6": "disabled",
    "InstanceMetadataTags": "disabled",
}
"""The defaults of MetadataOptions (aws-properties-ec2-instance-metadataoptions.html)."""

ended: list[Callable[[str], None]] = []
"""Called with the id of each instance that ends: target groups lose it."""


# ---- launching


def launch(properties: Properties, tags: list[dict[str, str]] | None = None) -> Instance:
    """A running instance with the properties of a template's Instance, or of a launch template's data."""
    plan = _plan(properties)
    subnet, interface = plan["subnet"], (properties.get("NetworkInterfaces") or [{}])[0]
    (instance,) = ec2._launch_instances_internal(
        image_id=properties["ImageId"],
        instance_type=plan["type"],
        subnet_id=subnet["SubnetId"],
        count=1,
        key_name=properties.get("KeyName", ""),
        user_data=properties.get("UserData", ""),
        sg_ids=plan["groups"],
        requested_private_ip=properties.get("PrivateIpAddress") or free_ip(subnet),
        iam_profile=plan["profile"],
    )
    public = actions.flag(interface.get("AssociatePublicIpAddress", subnet["MapPublicIpOnLaunch"]))
    instance.update(
        VpcId=subnet["VpcId"],
        Architecture=plan["image"]["Architecture"],
        LaunchTime=now_iso(),
        _public=public,
        Placement={"AvailabilityZone": subnet["AvailabilityZone"], "Tenancy": properties.get("Tenancy", "default")},
        PrivateDnsName=f"ip-{instance['PrivateIpAddress'].replace('.', '-')}.{get_region()}.compute.internal",
        PublicIpAddress=addresses.public_ip() if public else "",
    )
    _set(instance, properties)
    _give_volumes(instance, plan["image"], properties)
    ec2._tags[instance["InstanceId"]] = [dict(tag) for tag in (properties.get("Tags") or [] if tags is None else tags)]
    launched: Instance = instance
    return launched


def _plan(properties: Properties) -> dict[str, Any]:
    """What the launch names, all of it found and fitting together."""
    image, instance_type = images.require(properties.get("ImageId", "")), properties.get("InstanceType", DEFAULT_TYPE)
    interface = (properties.get("NetworkInterfaces") or [{}])[0]
    subnet = network.require_subnet(interface.get("SubnetId") or properties.get("SubnetId") or ec2._DEFAULT_SUBNET_ID)
    zone = properties.get("AvailabilityZone")
    if zone and zone != subnet["AvailabilityZone"]:
        raise refuse(
            "InvalidParameterValue",
            f"The availability zone {zone} is not that of the subnet {subnet['SubnetId']}, "
            f"{subnet['AvailabilityZone']}",
        )
    hardware.check(instance_type, subnet["AvailabilityZone"], image["Architecture"], images.boot_mode(image["ImageId"]))
    groups = interface.get("Groups") or properties.get("SecurityGroupIds") or [default_group(subnet["VpcId"])]
    network.require_groups(groups, subnet["VpcId"])
    network.check_interface(groups)
    key = properties.get("KeyName")
    if key and key not in ec2._key_pairs:
        raise refuse("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    _check_quota(instance_type)
    return {
        "image": image,
        "type": instance_type,
        "subnet": subnet,
        "groups": list(groups),
        "profile": _profile(properties.get("IamInstanceProfile")),
    }


def default_group(vpc_id: str) -> str:
    """The group that a VPC came with."""
    return str(
        next(
            one["GroupId"]
            for one in ec2._security_groups.values()
            if (one["VpcId"], one["GroupName"]) == (vpc_id, "default")
        )
    )


def _profile(wanted: Any) -> dict[str, str] | None:
    """The profile that a name, or {"Arn": ...} or {"Name": ...}, names."""
    if not wanted:
        return None
    by = wanted if isinstance(wanted, dict) else {"Name": wanted}
    profile = iam._lookup_instance_profile(by.get("Name", ""), by.get("Arn", ""))
    if profile is None:
        kind, value = next(iter(by.items()))
        raise refuse(
            "InvalidParameterValue",
            f"Value ({value}) for parameter iamInstanceProfile.{kind.lower()} is invalid. Invalid "
            f"IAM Instance Profile {'ARN' if kind == 'Arn' else 'name'}",
        )
    return {"Arn": profile["Arn"], "Id": profile["InstanceProfileId"]}


def _check_quota(instance_type: str) -> None:
    """Running instances have so many vCPUs together, a new account's five (AWSEC2/latest/UserGuide/ec2-on-demand-instances.html,
    "On-Demand Instance quotas"; the code: AWSEC2/latest/APIReference/errors-overview.html)."""
    quota = quotas.value(quotas.VCPUS)
    running = sum(
        hardware.cores(one["InstanceType"])
        for one in ec2._instances.values()
        if one["State"]["Name"] in ("pending", "running")
    )
    if running + hardware.cores(instance_type) > quota:
        raise refuse(
            "VcpuLimitExceeded",
            f"You have requested more vCPU capacity than your current vCPU limit of {quota} allows "
            "for the instance bucket that the specified instance type belongs to. Please visit "
            "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
        )


def free_ip(subnet: dict[str, Any]) -> str:
    """An address of a subnet that no machine and no endpoint has."""
    block = ipaddress.ip_network(subnet["CidrBlock"])
    taken = {one["PrivateIpAddress"] for one in (*network.live_instances(), *ec2._network_interfaces.values())}
    while True:
        address = str(block[random.randint(RESERVED - 1, block.num_addresses - 2)])
        if address not in taken:
            return address


def _set(instance: Instance, properties: Properties) -> None:
    """What may be set at any time."""
    monitoring = properties.get("Monitoring")
    monitored = monitoring.get("Enabled") if isinstance(monitoring, dict) else monitoring
    credits = properties.get("CreditSpecification") or {}
    family = instance["InstanceType"].split(".")[0]
    instance.update(
        Monitoring={"State": "enabled" if actions.flag(monitored) else "disabled"},
        DisableApiTermination=actions.flag(properties.get("DisableApiTermination")),
        EbsOptimized=actions.flag(properties.get("EbsOptimized")),
        MetadataOptions={**METADATA, **(properties.get("MetadataOptions") or {})},
        InstanceInitiatedShutdownBehavior=properties.get("InstanceInitiatedShutdownBehavior", "stop"),
        SourceDestCheck=actions.flag(properties.get("SourceDestCheck", True)),
        CpuCredits=credits.get("CPUCredits")
        or credits.get("CpuCredits")
        or ("standard" if family == "t2" else "unlimited"),
    )


# ---- volumes


def _give_volumes(instance: Instance, image: dict[str, Any], properties: Properties) -> None:
    """The root volume of the image, as the mappings change it, and those that they add."""
    root = image["RootDeviceName"]
    mappings = {one["DeviceName"]: dict(one.get("Ebs") or {}) for one in image.get("BlockDeviceMappings") or []}
    for one in properties.get("BlockDeviceMappings") or []:
        mappings[one["DeviceName"]] = {**mappings.get(one["DeviceName"], {}), **one.get("Ebs", {})}
    first = instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    instance.update(RootDeviceName=root, BlockDeviceMappings=[])
    for device in [root, *(one for one in mappings if one != root)]:
        volume_id = first if device == root else new_id("vol-")
        _give_volume(
            instance,
            device,
            volume_id,
            {"VolumeType": image.get("VolumeType", "gp2"), **mappings.get(device, {})},
            device == root,
        )


def _give_volume(instance: Instance, device: str, volume_id: str, ebs: Properties, root: bool) -> None:
    ends = actions.flag(ebs.get("DeleteOnTermination", True))
    kind = ebs["VolumeType"]
    attachment = {
        "VolumeId": volume_id,
        "InstanceId": instance["InstanceId"],
        "Device": device,
        "State": "attached",
        "AttachTime": instance["LaunchTime"],
        "DeleteOnTermination": ends,
    }
    ec2._volumes[volume_id] = {
        "VolumeId": volume_id,
        "Size": int(ebs.get("VolumeSize", 8)),
        "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
        "State": "in-use",
        "VolumeType": kind,
        "SnapshotId": "",
        "Iops": int(ebs.get("Iops", 3000 if kind == "gp3" else 100)),
        "Encrypted": actions.flag(ebs.get("Encrypted")),
        "CreateTime": instance["LaunchTime"],
        "Attachments": [attachment],
        "MultiAttachEnabled": False,
        "Throughput": int(ebs.get("Throughput", 125)) if kind == "gp3" else 0,
    }
    instance["BlockDeviceMappings"].append(
        {
            "DeviceName": device,
            "Ebs": {
                "VolumeId": volume_id,
                "Status": "attached",
                "AttachTime": instance["LaunchTime"],
                "DeleteOnTermination": ends,
            },
        }
    )


def _lose_volumes(instance: Instance) -> None:
    """Volumes that outlive their instance are available again; the others are gone."""
    for mapping in instance["BlockDeviceMappings"]:
        volume = ec2._volumes.get(mapping["Ebs"]["VolumeId"])
        if volume and mapping["Ebs"]["DeleteOnTermination"]:
            del ec2._volumes[volume["VolumeId"]]
        elif volume:
            volume.update(State="available", Attachments=[])
    instance["BlockDeviceMappings"] = []


# ---- afterwards


def require(instance_id: str) -> Instance:
    """The instance, as long as it is not terminated."""
    instance: Instance | None = ec2._instances.get(instance_id)
    if instance is None or instance["State"]["Name"] == "terminated":
        raise refuse("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist")
    return instance


def terminate(instance_id: str) -> None:
    """End an instance: its addresses are free, its volumes gone or available. Nothing where it is gone already."""
    instance = ec2._instances.get(instance_id)
    if instance is None or instance["State"]["Name"] == "terminated":
        return
    keep_protected(instance_id)
    for address in addresses.held_by(instance_id):
        addresses.disassociate(address["AssociationId"])
    ec2._terminate_instances({"InstanceId.1": instance_id})
    _lose_volumes(instance)
    instance.update(PublicIpAddress="", SecurityGroups=[])
    for tell in ended:
        tell(instance_id)


def keep_protected(instance_id: str) -> None:
    """Refuse the end of an instance that is protected from it."""
    if ec2._instances.get(instance_id, {}).get("DisableApiTermination"):
        raise refuse(
            "OperationNotPermitted",
            f"The instance '{instance_id}' may not be terminated. Modify its "
            "'disableApiTermination' instance attribute and try again.",
        )


def stop(instance: Instance) -> None:
    """Stop it: an address of its own that is not an Elastic IP is lost."""
    ec2._stop_instances({"InstanceId.1": instance["InstanceId"]})
    if not addresses.held_by(instance["InstanceId"]):
        instance["PublicIpAddress"] = ""


def start(instance: Instance) -> None:
    """Start it again, with a new address unless it holds an Elastic IP (AWSEC2/latest/UserGuide/Stop_Start.html).

    LaunchTime is that of the last start (AWSEC2/latest/APIReference/API_Instance.html).
    """
    if instance["State"]["Name"] == "stopped":
        _check_quota(instance["InstanceType"])
    ec2._start_instances({"InstanceId.1": instance["InstanceId"]})
    machines.restart(instance["InstanceId"])
    instance["LaunchTime"] = now_iso()
    if instance.get("_public") and not instance["PublicIpAddress"]:
        instance["PublicIpAddress"] = addresses.public_ip()


# ---- the type


class InstanceType(ResourceType):
    """An instance. What changes its type or user data stops it and starts it again, with its id and addresses."""

    name = "AWS::EC2::Instance"
    holds = frozenset(
        (
            "AvailabilityZone",
            "BlockDeviceMappings.DeviceName",
            *(
                f"BlockDeviceMappings.Ebs.{one}"
                for one in ("DeleteOnTermination", "Encrypted", "Iops", "VolumeSize", "VolumeType")
            ),
            "CreditSpecification.CPUCredits",
            "DisableApiTermination",
            "EbsOptimized",
            "IamInstanceProfile",
            "ImageId",
            "InstanceInitiatedShutdownBehavior",
            "InstanceType",
            "KeyName",
            "MetadataOptions.*",
            "Monitoring",
            "PrivateIpAddress",
            "SecurityGroupIds.*",
            "SourceDestCheck",
            "SubnetId",
            "Tags.*",
            "UserData",
        )
    )
    replaces = frozenset(("AvailabilityZone", "ImageId", "KeyName", "PrivateIpAddress", "SubnetId"))
    stops = ("EbsOptimized", "InstanceType", "UserData")

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        """A changed mapping replaces the instance, unless only DeleteOnTermination differs."""
        return super().replaced_by(old, new) or _mappings(old) != _mappings(new)

    def imported_by(self) -> tuple[str, ...]:
        return ("InstanceId",)

    def adopt(self, identifier: dict[str, str]) -> Made:
        instance = require(identifier["InstanceId"])
        return instance["InstanceId"], _attributes(instance)

    def actual(self, physical_id: str) -> Properties:
        return described(require(physical_id))

    def create(self, place: Place, properties: Properties) -> Made:
        instance = launch(properties)
        machines.start(place.stack_id, place.logical_id, instance["InstanceId"])
        return instance["InstanceId"], _attributes(instance)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        instance = require(physical_id)
        instance_type = new.get("InstanceType", DEFAULT_TYPE)
        hardware.check(instance_type, instance["Placement"]["AvailabilityZone"], instance["Architecture"])
        self._change_groups(instance, new)
        self._change_profile(instance, new)
        if any((old.get(name) or None) != (new.get(name) or None) for name in self.stops):
            denied.refuse("ec2:StopInstances")
            stop(instance)
            place.halt("stop")
            instance.update(InstanceType=instance_type, UserData=new.get("UserData", ""))
            start(instance)
        _set(instance, new)
        self._change_mappings(instance, new)
        network.set_tags(physical_id, new)
        return physical_id, _attributes(instance)

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        if ec2._instances.get(physical_id, {}).get("State", {}).get("Name", "terminated") != "terminated":
            denied.refuse("ec2:TerminateInstances")
        terminate(physical_id)

    @staticmethod
    def _change_groups(instance: Instance, new: Properties) -> None:
        wanted = new.get("SecurityGroupIds") or [default_group(instance["VpcId"])]
        network.require_groups(wanted, instance["VpcId"])
        network.check_interface(wanted)
        set_groups(instance, wanted)

    @staticmethod
    def _change_profile(instance: Instance, new: Properties) -> None:
        profile, current = _profile(new.get("IamInstanceProfile")), instance.get("IamInstanceProfile")
        if profile == current:
            return
        association = ec2._find_active_iam_instance_profile_association(instance["InstanceId"])
        if association:
            ec2._mark_iam_instance_profile_association_disassociated(association)
        if profile:
            ec2._upsert_iam_instance_profile_association(instance["InstanceId"], profile)

    @staticmethod
    def _change_mappings(instance: Instance, new: Properties) -> None:
        wanted = {one["DeviceName"]: one.get("Ebs", {}) for one in new.get("BlockDeviceMappings") or []}
        for mapping in instance["BlockDeviceMappings"]:
            end_with(mapping, actions.flag(wanted.get(mapping["DeviceName"], {}).get("DeleteOnTermination", True)))


def end_with(mapping: Properties, ends: bool) -> None:
    """Whether a volume ends with its instance."""
    mapping["Ebs"]["DeleteOnTermination"] = ends
    for attachment in ec2._volumes[mapping["Ebs"]["VolumeId"]]["Attachments"]:
        attachment["DeleteOnTermination"] = ends


def described(instance: Instance) -> Properties:
    """An instance in the properties of a template, those that are set."""
    profile = (instance.get("IamInstanceProfile") or {}).get("Arn", "").rpartition("/")[2]
    all_of_them = {
        "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
        "BlockDeviceMappings": [_mapping(one) for one in instance["BlockDeviceMappings"]],
        "CreditSpecification": {"CPUCredits": instance["CpuCredits"]},
        "DisableApiTermination": instance["DisableApiTermination"],
        "EbsOptimized": instance["EbsOptimized"],
        "IamInstanceProfile": profile,
        "ImageId": instance["ImageId"],
        "InstanceInitiatedShutdownBehavior": instance["InstanceInitiatedShutdownBehavior"],
        "InstanceType": instance["InstanceType"],
        "KeyName": instance["KeyName"],
        "MetadataOptions": instance["MetadataOptions"],
        "Monitoring": instance["Monitoring"]["State"] == "enabled",
        "SecurityGroupIds": [one["GroupId"] for one in instance["SecurityGroups"]],
        "SourceDestCheck": instance["SourceDestCheck"],
        "SubnetId": instance["SubnetId"],
        "Tags": [dict(one) for one in ec2._tags.get(instance["InstanceId"], [])],
        "UserData": instance["UserData"],
    }
    return {name: value for name, value in all_of_them.items() if value not in (None, "", [])}


def _mapping(mapping: Properties) -> Properties:
    volume = ec2._volumes[mapping["Ebs"]["VolumeId"]]
    return {
        "DeviceName": mapping["DeviceName"],
        "Ebs": {
            "DeleteOnTermination": mapping["Ebs"]["DeleteOnTermination"],
            "Encrypted": volume["Encrypted"],
            "VolumeSize": volume["Size"],
            "VolumeType": volume["VolumeType"],
        },
    }


def set_groups(instance: Instance, group_ids: list[str]) -> None:
    instance["SecurityGroups"] = [
        {"GroupId": one, "GroupName": ec2._security_groups[one]["GroupName"]} for one in group_ids
    ]


def _mappings(properties: Properties) -> list[Properties]:
    return [
        {**one, "Ebs": {key: value for key, value in one.get("Ebs", {}).items() if key != "DeleteOnTermination"}}
        for one in properties.get("BlockDeviceMappings") or []
    ]


def _attributes(instance: Instance) -> dict[str, Any]:
    return {
        "InstanceId": instance["InstanceId"],
        "PublicIp": instance["PublicIpAddress"],
        "PrivateIp": instance["PrivateIpAddress"],
        "PublicDnsName": public_name(instance),
        "PrivateDnsName": instance["PrivateDnsName"],
        "VpcId": instance["VpcId"],
        "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
    }


def public_name(instance: Instance) -> str:
    """The name of its public address, where the VPC gives names."""
    address = instance["PublicIpAddress"]
    named = address and ec2._vpcs.get(instance["VpcId"], {}).get("EnableDnsHostnames")
    return f"ec2-{address.replace('.', '-')}.{get_region()}.compute.amazonaws.com" if named else ""


TYPES = (InstanceType(),)
