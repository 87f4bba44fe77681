"""The EC2 API for instances: what is launched, described and changed by hand.

AWSEC2/latest/APIReference/API_RunInstances.html, API_DescribeInstances.html, API_DescribeInstanceAttribute.html,
API_ModifyInstanceAttribute.html and API_ModifyInstanceMetadataOptions.html.
"""

import contextvars
import re
import threading
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import ec2

from .. import actions, clock, models
from . import compute, hardware, network
from .compute import Instance
from .network import refuse

METADATA_TAGS = {
    "HttpTokens": "httpTokens",
    "HttpPutResponseHopLimit": "httpPutResponseHopLimit",
    "HttpEndpoint": "httpEndpoint",
    "HttpProtocolIpv6": "httpProtocolIpv6",
    "InstanceMetadataTags": "instanceMetadataTags",
}


# ---- launching and ending


_tokens: dict[str, list[str]] = {}
"""By client token: what was launched with it (ec2/latest/devguide/ec2-api-idempotency.html)."""


def _run(parameters: actions.Parameters) -> actions.Response:
    token = actions.one(parameters, "ClientToken")
    launched = [ec2._instances[one] for one in _tokens.get(token, []) if token and one in ec2._instances]
    if not launched:
        launched = [_launched(parameters) for _ in range(int(actions.one(parameters, "MaxCount", "1")))]
        _tokens[token] = [one["InstanceId"] for one in launched]
    items = "".join(ec2._instance_xml(one) for one in launched)
    return _xml(
        "RunInstances", f"<reservationId>{network.new_id('r-')}</reservationId><instancesSet>{items}</instancesSet>"
    )


def _launched(parameters: actions.Parameters) -> Instance:
    """One instance, with the tags that are given to it and to its volumes."""
    instance = compute.launch(_properties(parameters), _tags(parameters))
    for mapping in instance["BlockDeviceMappings"]:
        ec2._parse_tag_specs(parameters, "volume", mapping["Ebs"]["VolumeId"])
    return instance


def _properties(parameters: actions.Parameters) -> dict[str, Any]:
    """The request as a launch template's data, which has the same names."""
    data: dict[str, Any] = ec2._parse_lt_data({f"Run.{name}": value for name, value in parameters.items()}, "Run")
    more = {
        "SubnetId": actions.one(parameters, "SubnetId"),
        "PrivateIpAddress": actions.one(parameters, "PrivateIpAddress"),
        "AvailabilityZone": actions.one(parameters, "Placement.AvailabilityZone"),
        "InstanceInitiatedShutdownBehavior": actions.one(parameters, "InstanceInitiatedShutdownBehavior"),
        "CreditSpecification": {"CpuCredits": actions.one(parameters, "CreditSpecification.CpuCredits")},
    }
    return {**data, **{name: value for name, value in more.items() if value}}


def _tags(parameters: actions.Parameters) -> list[dict[str, str]]:
    ec2._parse_tag_specs(parameters, "instance", "")
    return list(ec2._tags.pop("", []))


def _terminate(parameters: actions.Parameters) -> actions.Response:
    """All or none: one that is protected keeps the others too (API_TerminateInstances.html)."""
    ids = actions.listed(parameters, "InstanceId")
    for instance_id in ids:
        if instance_id not in ec2._instances:
            raise refuse("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist")
        compute.keep_protected(instance_id)
    before = {one: ec2._instances[one]["State"] for one in ids}
    for instance_id in ids:
        _end(instance_id)
    return _moved("TerminateInstances", before)


def _end(instance_id: str) -> None:
    """It ends, or is shutting down before: then it holds its groups still (ec2-instance-lifecycle.html)."""
    seconds, state = models.current.endSeconds, ec2._instances[instance_id]["State"]
    if not seconds or state["Name"] == "terminated":
        compute.terminate(instance_id)
        return
    ec2._instances[instance_id]["State"] = {"Code": 32, "Name": "shutting-down"}

    def end() -> None:
        clock.sleep(seconds)
        compute.terminate(instance_id)

    context = contextvars.copy_context()  # of the account, in which the instance is
    threading.Thread(target=context.run, args=(end,), daemon=True, name=f"end of {instance_id}").start()


FAILED = {models.IMPAIRED: ("instanceStatus",), models.HOST: ("instanceStatus", "systemStatus")}
"""Which status checks fail of a copy; where the host's does, the instance does not answer either
(AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html)."""


def _failing(body: bytes, checks: tuple[str, ...]) -> bytes:
    """The first instance's checks fail."""
    for one in checks:
        body = re.sub(rf"(<{one}>\s*<status>)ok".encode(), rb"\1impaired", body, count=1)
    return body


def _describe_status(describe: actions.Action) -> actions.Action:
    """ministack's, which finds all well, but for what was told to boot otherwise."""

    def described(parameters: actions.Parameters) -> actions.Response:
        status, headers, body = describe(parameters)
        if models.current.copyBoots in FAILED:
            for one in ec2._instances.values():
                if one["ImageId"] in ec2._images:
                    before, found, after = body.partition(f"<instanceId>{one['InstanceId']}</instanceId>".encode())
                    body = before + found + _failing(after, FAILED[models.current.copyBoots])
        return status, headers, body

    return described


def _stop(parameters: actions.Parameters) -> actions.Response:
    before = {one: compute.require(one)["State"] for one in actions.listed(parameters, "InstanceId")}
    for instance_id in before:
        compute.stop(ec2._instances[instance_id])
    return _moved("StopInstances", before)


def _start(parameters: actions.Parameters) -> actions.Response:
    before = {one: compute.require(one)["State"] for one in actions.listed(parameters, "InstanceId")}
    for instance_id in before:
        compute.start(ec2._instances[instance_id])
    return _moved("StartInstances", before)


def _moved(action: str, before: dict[str, dict[str, Any]]) -> actions.Response:
    items = "".join(
        f"<item><instanceId>{one}</instanceId>{_state('currentState', ec2._instances[one]['State'])}"
        f"{_state('previousState', state)}</item>"
        for one, state in before.items()
    )
    return _xml(action, f"<instancesSet>{items}</instancesSet>")


def _state(tag: str, state: dict[str, Any]) -> str:
    return f"<{tag}><code>{state['Code']}</code><name>{state['Name']}</name></{tag}>"


# ---- showing


def _rendered(render: Any) -> Any:
    """ministack's account of an instance, with what it leaves out and without what is not so."""

    def rendered(instance: Instance) -> str:
        shown: str = render({**instance, "PublicDnsName": compute.public_name(instance)})
        for empty in ("ipAddress", "dnsName", "keyName"):
            shown = shown.replace(f"<{empty}></{empty}>", "")
        return shown.removesuffix("</item>") + _more(instance) + "</item>"

    return rendered


def _more(instance: Instance) -> str:
    options = instance.get("MetadataOptions", compute.METADATA)
    metadata = "".join(f"<{tag}>{options[name]}</{tag}>" for name, tag in METADATA_TAGS.items())
    cores, threads = hardware.processor(instance["InstanceType"])
    return (
        f"<cpuOptions><coreCount>{cores}</coreCount><threadsPerCore>{threads}</threadsPerCore></cpuOptions>"
        f"<ebsOptimized>{str(instance.get('EbsOptimized', False)).lower()}</ebsOptimized>"
        f"<metadataOptions><state>applied</state>{metadata}</metadataOptions>"
    )


FILTERS: dict[str, Callable[[Instance], list[str]]] = {
    "availability-zone": lambda one: [one["Placement"]["AvailabilityZone"]],
    "dns-name": lambda one: [compute.public_name(one)],
    "iam-instance-profile.arn": lambda one: [(one.get("IamInstanceProfile") or {}).get("Arn", "")],
    "image-id": lambda one: [one["ImageId"]],
    "instance-id": lambda one: [one["InstanceId"]],
    "instance-state-name": lambda one: [one["State"]["Name"]],
    "instance-type": lambda one: [one["InstanceType"]],
    "instance.group-id": lambda one: [group["GroupId"] for group in one["SecurityGroups"]],
    "ip-address": lambda one: [one["PublicIpAddress"]],
    "key-name": lambda one: [one["KeyName"]],
    "private-ip-address": lambda one: [one["PrivateIpAddress"]],
    "subnet-id": lambda one: [one["SubnetId"]],
    "vpc-id": lambda one: [one["VpcId"]],
}


def _matches(instance: Instance, filters: dict[str, list[str]]) -> bool:
    """Whether the instance passes all filters."""
    own = all(
        any(ec2._glob_match(value, one) for value in filters[name] for one in values(instance))
        for name, values in FILTERS.items()
        if name in filters
    )
    return own and bool(ec2._resource_matches_tag_filters(instance["InstanceId"], filters))


def _describe(describe: actions.Action) -> actions.Action:
    """ministack's description, refusing filters that it would pass over."""

    def described(parameters: actions.Parameters) -> actions.Response:
        network.known_filters(parameters, FILTERS)
        return describe(parameters)

    return network.answering(described)


def _describe_attribute(parameters: actions.Parameters) -> actions.Response:
    instance, attribute = compute.require(actions.one(parameters, "InstanceId")), actions.one(parameters, "Attribute")
    values = {
        "disableApiTermination": str(instance.get("DisableApiTermination", False)).lower(),
        "userData": instance["UserData"],
        "instanceType": instance["InstanceType"],
        "rootDeviceName": instance["RootDeviceName"],
        "disableApiStop": "false",
        "ebsOptimized": str(instance.get("EbsOptimized", False)).lower(),
        "instanceInitiatedShutdownBehavior": instance["InstanceInitiatedShutdownBehavior"],
        "sourceDestCheck": str(instance["SourceDestCheck"]).lower(),
    }
    if attribute == "groupSet":
        inner = "".join(f"<item><groupId>{one['GroupId']}</groupId></item>" for one in instance["SecurityGroups"])
    elif attribute == "blockDeviceMapping":
        inner = ec2._inst_bdm_xml(instance)
    elif attribute in values:
        inner = f"<value>{escape(values[attribute])}</value>" if values[attribute] else ""
    else:
        raise refuse("InvalidParameterValue", f"the emulator does not hold the attribute {attribute}")
    return _xml(
        "DescribeInstanceAttribute",
        f"<instanceId>{instance['InstanceId']}</instanceId><{attribute}>{inner}</{attribute}>",
    )


def _describe_credits(parameters: actions.Parameters) -> actions.Response:
    wanted = actions.listed(parameters, "InstanceId")
    chosen = [compute.require(one) for one in wanted] if wanted else list(network.live_instances())
    items = "".join(
        f"<item><instanceId>{one['InstanceId']}</instanceId><cpuCredits>{one['CpuCredits']}</cpuCredits></item>"
        for one in chosen
        if one["InstanceType"].split(".")[0] in hardware.BURSTABLE
    )
    return _xml(
        "DescribeInstanceCreditSpecifications",
        f"<instanceCreditSpecificationSet>{items}</instanceCreditSpecificationSet>",
    )


# ---- changing


def _modify(parameters: actions.Parameters) -> actions.Response:
    """One attribute; type and user data only of a stopped instance, and of a volume whether it ends with the instance."""
    instance = compute.require(actions.one(parameters, "InstanceId"))
    if device := actions.one(parameters, "BlockDeviceMapping.1.DeviceName"):
        return _modify_volume(
            instance, device, actions.flag(actions.one(parameters, "BlockDeviceMapping.1.Ebs.DeleteOnTermination"))
        )
    named = actions.one(parameters, "Attribute")
    changed = {
        **{
            name: actions.one(parameters, f"{name}.Value")
            for name in ("DisableApiTermination", "InstanceType", "UserData")
            if f"{name}.Value" in parameters
        },
        **({named[0].upper() + named[1:]: actions.one(parameters, "Value")} if named else {}),
    }
    groups = actions.listed(parameters, "GroupId")
    if unknown := changed.keys() - {"DisableApiTermination", "InstanceType", "UserData"} or not (changed or groups):
        raise refuse(
            "InvalidParameterCombination", f"the emulator does not hold a change of {unknown if changed else 'nothing'}"
        )
    if {"InstanceType", "UserData"} & changed.keys() and instance["State"]["Name"] != "stopped":
        raise refuse(
            "IncorrectInstanceState", f"The instance '{instance['InstanceId']}' is not in the 'stopped' state."
        )
    if "InstanceType" in changed:
        hardware.check(changed["InstanceType"], instance["Placement"]["AvailabilityZone"], instance["Architecture"])
    if groups:
        network.require_groups(groups, instance["VpcId"])
        network.check_interface(groups)
        compute.set_groups(instance, groups)
    if "DisableApiTermination" in changed:
        instance["DisableApiTermination"] = actions.flag(changed.pop("DisableApiTermination"))
    instance.update(changed)
    return _xml("ModifyInstanceAttribute", "<return>true</return>")


def _modify_volume(instance: Instance, device: str, ends: bool) -> actions.Response:
    mapping = next((one for one in instance["BlockDeviceMappings"] if one["DeviceName"] == device), None)
    if mapping is None:
        raise refuse("InvalidInstanceAttributeValue", f"No device is currently mapped at {device}")
    compute.end_with(mapping, ends)
    return _xml("ModifyInstanceAttribute", "<return>true</return>")


def _screenshot(parameters: actions.Parameters) -> actions.Response:
    """An empty picture: nothing boots here."""
    instance = compute.require(actions.one(parameters, "InstanceId"))
    return _xml("GetConsoleScreenshot", f"<instanceId>{instance['InstanceId']}</instanceId><imageData></imageData>")


def _modify_metadata(parameters: actions.Parameters) -> actions.Response:
    instance = compute.require(actions.one(parameters, "InstanceId"))
    instance["MetadataOptions"].update(
        {name: actions.one(parameters, name) for name in METADATA_TAGS if name in parameters}
    )
    return _xml("ModifyInstanceMetadataOptions", f"<instanceId>{instance['InstanceId']}</instanceId>")


def _xml(action: str, inner: str) -> actions.Response:
    response: actions.Response = ec2._xml(200, f"{action}Response", inner)
    return response


ACTIONS = {
    "RunInstances": _run,
    "TerminateInstances": _terminate,
    "StopInstances": _stop,
    "StartInstances": _start,
    "DescribeInstanceAttribute": _describe_attribute,
    "DescribeInstanceCreditSpecifications": _describe_credits,
    "ModifyInstanceAttribute": _modify,
    "ModifyInstanceMetadataOptions": _modify_metadata,
    "GetConsoleScreenshot": _screenshot,
}


def install() -> None:
    for name, action in ACTIONS.items():
        ec2._ACTION_MAP[name] = network.answering(action)
    ec2._ACTION_MAP["DescribeInstances"] = _describe(ec2._ACTION_MAP["DescribeInstances"])
    ec2._ACTION_MAP["DescribeInstanceStatus"] = _describe_status(ec2._ACTION_MAP["DescribeInstanceStatus"])
    ec2._instance_xml = _rendered(ec2._instance_xml)
    ec2._matches_filters = _matches


def reset() -> None:
    _tokens.clear()
