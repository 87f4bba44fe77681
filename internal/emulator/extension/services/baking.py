"""Images and snapshots that somebody makes of a server, and takes away again.

AWSEC2/latest/APIReference/API_CreateImage.html, API_CreateSnapshots.html, API_DeregisterImage.html and API_DeleteSnapshot.html; the
codes are those of errors-overview.html. How long an image takes, how it ends, and how long AWS goes on saying that a snapshot is in
use after its image is gone (boto #3019 met that) is a matter of models.current.
"""

import re
from typing import Any

from ministack.services import ec2

from .. import actions, clock, models
from ..contracts import denied
from ..resources import Refusal
from . import compute, images, network
from .network import refuse

_freed: dict[str, float] = {}
"""By snapshot: when AWS has noticed that its image is gone."""


# ---- making


def _create_image(parameters: actions.Parameters) -> actions.Response:
    """An image of an instance, pending at first, and a snapshot of each of its volumes, with the tags that it names for both.

    That a name is taken by an image that is pending too is deduced: the name is what the account knows it by.
    """
    instance = compute.require(actions.one(parameters, "InstanceId"))
    _tags_of(parameters, ("image", "snapshot"))
    disks = instance["BlockDeviceMappings"]
    request: actions.Parameters = {name: parameters[name] for name in ("Name", "Description") if name in parameters}
    request |= {
        "VirtualizationType": ["hvm"],
        **{name: [instance[name]] for name in ("Architecture", "RootDeviceName")},
    }
    request |= {f"BlockDeviceMapping.{n}.DeviceName": [one["DeviceName"]] for n, one in enumerate(disks, 1)}
    status, headers, body = ec2._register_image(request)
    if status == 200:
        image = list(ec2._images.values())[-1]
        image["SourceInstanceId"] = instance["InstanceId"]
        images.begin(image["ImageId"])
        ec2._parse_tag_specs(parameters, "image", image["ImageId"])
        for mapping, disk in zip(image["BlockDeviceMappings"], disks, strict=True):
            mapping["Ebs"] = _imaged(parameters, image["ImageId"], disk["Ebs"])
    return status, headers, body.replace(b"RegisterImageResponse", b"CreateImageResponse")


def _imaged(parameters: actions.Parameters, image_id: str, disk: dict[str, Any]) -> dict[str, str]:
    """A volume as the image has it: whether it ends with its instance is the server's own."""
    instance_id = actions.one(parameters, "InstanceId")
    snapshot = _snapshot(parameters, disk["VolumeId"], f"Created by CreateImage({instance_id}) for {image_id}")
    ends = str(bool(disk["DeleteOnTermination"])).lower()
    return {
        "SnapshotId": snapshot["SnapshotId"],
        "VolumeSize": str(snapshot["VolumeSize"]),
        "DeleteOnTermination": ends,
    }


def _create_snapshots(parameters: actions.Parameters) -> actions.Response:
    """A snapshot of every volume of an instance, but for those that it leaves out."""
    instance = compute.require(actions.one(parameters, "InstanceSpecification.InstanceId"))
    _tags_of(parameters, ("snapshot",))
    without = actions.listed(parameters, "InstanceSpecification.ExcludeDataVolumeId")
    boot = not actions.flag(actions.one(parameters, "InstanceSpecification.ExcludeBootVolume"))
    volumes = [
        one["Ebs"]["VolumeId"]
        for one in instance["BlockDeviceMappings"]
        if one["Ebs"]["VolumeId"] not in without and (boot or one["DeviceName"] != instance["RootDeviceName"])
    ]
    if not volumes:
        raise refuse("InvalidParameterCombination", "There is no volume left to make a snapshot of.")
    made = [_snapshot(parameters, one, actions.one(parameters, "Description")) for one in volumes]
    items = "".join(f"<item>{_as_made(one)}</item>" for one in made)
    return _xml("CreateSnapshots", f"<snapshotSet>{items}</snapshotSet>")


def _snapshot(parameters: actions.Parameters, volume_id: str, description: str) -> dict[str, Any]:
    """One snapshot, with the request's tags for snapshots."""
    ec2._create_snapshot({"VolumeId": [volume_id], "Description": [description]})
    snapshot: dict[str, Any] = list(ec2._snapshots.values())[-1]
    images.begin(snapshot["SnapshotId"])
    ec2._parse_tag_specs(parameters, "snapshot", snapshot["SnapshotId"])
    _grow(snapshot)
    return snapshot


def _as_made(snapshot: dict[str, Any]) -> str:
    """CreateSnapshots calls the state state, where DescribeSnapshots calls it status."""
    shown: str = ec2._snapshot_inner_xml(snapshot)
    return shown.replace("status>", "state>")


def _tags_of(parameters: actions.Parameters, kinds: tuple[str, ...]) -> None:
    """Refuse tags for what the call does not make."""
    n = 1
    while kind := actions.one(parameters, f"TagSpecification.{n}.ResourceType"):
        if kind not in kinds:
            raise refuse(
                "InvalidParameterValue",
                f"'{kind}' is not a valid taggable resource type for this operation.",
            )
        n += 1


def _grow(snapshot: dict[str, Any]) -> None:
    share = images.share(snapshot["SnapshotId"])
    snapshot.update(State="completed" if share == 1 else "pending", Progress=f"{int(100 * share)}%")


# ---- showing


def _describe_images(describe: actions.Action) -> actions.Action:
    """With the states that images really have, and without those that nobody sees yet; one that is named has to exist."""

    def described(parameters: actions.Parameters) -> actions.Response:
        status, headers, body = describe(parameters)
        text = re.sub(r"<item>\s*<imageId>(.*?)</imageId>.*?</hypervisor>", _shown, body.decode(), flags=re.DOTALL)
        for image_id in actions.listed(parameters, "ImageId"):
            if f"<imageId>{image_id}</imageId>" not in text:
                raise refuse("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
        return status, headers, text.encode()

    return network.answering(described)


def _shown(match: re.Match[str]) -> str:
    item, image = match[0], ec2._images.get(match[1])
    if image is None:
        return item
    is_now = images.state(match[1])
    more = f"<creationDate>{image['CreationDate']}</creationDate>"
    if is_now == "failed":
        more += "<stateReason><code>Server.InternalError</code><message>Server.InternalError</message></stateReason>"
    return item.replace(
        "<imageState>available</imageState>",
        f"<imageState>{is_now}</imageState>{more}",
    )


def _describe_snapshots(describe: actions.Action) -> actions.Action:
    def described(parameters: actions.Parameters) -> actions.Response:
        for snapshot in ec2._snapshots.values():
            _grow(snapshot)
        return describe(parameters)

    return described


# ---- taking away


def _deregister(parameters: actions.Parameters) -> actions.Response:
    """The image is gone; its snapshots too where that is asked for, but for those that another image has."""
    image = ec2._images.get(actions.one(parameters, "ImageId"))
    if image is None:
        image_id = actions.one(parameters, "ImageId")
        raise refuse("InvalidAMIID.Unavailable", f"The image id '[{image_id}]' is no longer available")
    snapshots = _snapshots_of(image)
    ec2._deregister_image(parameters)
    images.forget(image["ImageId"])
    for one in snapshots:
        _freed[one] = clock.now() + models.current.snapshotsFreedSeconds
    items = ""
    if actions.flag(actions.one(parameters, "DeleteAssociatedSnapshots")):
        items = "".join(f"<item><snapshotId>{one}</snapshotId>{_removed(one)}</item>" for one in snapshots)
    return _xml(
        "DeregisterImage",
        f"<return>true</return><deleteSnapshotResultSet>{items}</deleteSnapshotResultSet>",
    )


def _removed(snapshot_id: str) -> str:
    """AWS's own clean-up waits until it has noticed; one that another image has is skipped, and one that the caller may not delete
    stays (API_DeleteSnapshotReturnCode.html)."""
    if _holder(snapshot_id):
        return "<returnCode>skipped</returnCode>"
    try:
        denied.refuse("ec2:DeleteSnapshot")
    except Refusal:
        return "<returnCode>missing-permissions</returnCode>"
    _forget(snapshot_id)
    return "<returnCode>success</returnCode>"


def _delete_snapshot(parameters: actions.Parameters) -> actions.Response:
    snapshot_id = actions.one(parameters, "SnapshotId")
    if snapshot_id not in ec2._snapshots:
        raise refuse("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' does not exist.")
    holder = _holder(snapshot_id) or ("an image" if clock.now() < _freed.get(snapshot_id, 0) else "")
    if holder:
        raise refuse("InvalidSnapshot.InUse", f"The snapshot {snapshot_id} is currently in use by {holder}")
    _forget(snapshot_id)
    return _xml("DeleteSnapshot", "<return>true</return>")


def _forget(snapshot_id: str) -> None:
    ec2._snapshots.pop(snapshot_id, None)
    ec2._tags.pop(snapshot_id, None)
    images.forget(snapshot_id)
    _freed.pop(snapshot_id, None)


def _holder(snapshot_id: str) -> str:
    """The image that has that snapshot, "" for none."""
    return next((str(one["ImageId"]) for one in ec2._images.values() if snapshot_id in _snapshots_of(one)), "")


def _snapshots_of(image: dict[str, Any]) -> list[str]:
    found = [(one.get("Ebs") or {}).get("SnapshotId") for one in image["BlockDeviceMappings"]]
    return [one for one in found if one]


def _xml(action: str, inner: str) -> actions.Response:
    response: actions.Response = ec2._xml(200, f"{action}Response", inner)
    return response


ACTIONS = {
    "CreateImage": _create_image,
    "CreateSnapshots": _create_snapshots,
    "DeregisterImage": _deregister,
    "DeleteSnapshot": _delete_snapshot,
}


def install() -> None:
    for name, action in ACTIONS.items():
        ec2._ACTION_MAP[name] = network.answering(action)
    ec2._ACTION_MAP["DescribeImages"] = _describe_images(ec2._ACTION_MAP["DescribeImages"])
    ec2._ACTION_MAP["DescribeSnapshots"] = _describe_snapshots(ec2._ACTION_MAP["DescribeSnapshots"])


def reset() -> None:
    _freed.clear()
