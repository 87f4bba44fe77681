"""Machine images: those an account registers, and Canonical's, which its public parameters name.

documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/ has the form of the parameters; "current" in the
place of the serial is the newest.
"""

import hashlib
import re
from typing import Any

from ministack.core.responses import get_region
from ministack.services import ec2, ssm

from .. import actions, clock, models
from . import network

CANONICAL = "099720109477"
PARAMETER = re.compile(
    r"/aws/service/canonical/ubuntu/server/([\w.]+)/stable/(current|\d{8}(?:\.\d+)?)/(amd64|arm64)/hvm/"
    r"ebs-(gp[23])/ami-id"
)
ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}
FOLDERS = {"gp2": "hvm-ssd", "gp3": "hvm-ssd-gp3"}
"""What the names of Canonical's images begin with, by the type of the disk that they launch with."""
CREATED = "2026-07-14T00:00:00.000Z"
IMAGE_ID = re.compile(r"ami-[0-9a-f]{8}(?:[0-9a-f]{9})?")

_published: dict[str, dict[str, Any]] = {}  # image id: what of it one may launch
_making: dict[str, dict[str, Any]] = {}
"""By image or snapshot: since when it is made, by the clock, how many seconds that takes, and how it ends."""
_kept: dict[str, dict[str, str]] = {}  # image id: what ministack does not keep of it


def require(image_id: str) -> dict[str, Any]:
    """The image: its Architecture and RootDeviceName at least."""
    if not IMAGE_ID.fullmatch(image_id):
        raise network.refuse("InvalidAMIID.Malformed", f'Invalid id: "{image_id}" (expecting "ami-...")')
    image: dict[str, Any] | None = _published.get(image_id) or ec2._registered_image(image_id) or _stub(image_id)
    if image is None:
        raise network.refuse("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    if state(image_id) != models.AVAILABLE:
        raise network.refuse(
            "InvalidAMIID.Unavailable",
            f"The image id '[{image_id}]' is not in a state from which you can launch an instance",
        )
    return image


def begin(of: str) -> None:
    """An image or a snapshot is made from now on, as long as models.current says."""
    _making[of] = {
        "since": clock.now(),
        "seconds": models.current.imageSeconds,
        "outcome": models.current.imageOutcome,
    }


def share(of: str) -> float:
    """How much of it is made, 1 for all of it."""
    making = _making.get(of)
    if making is None or clock.now() >= making["since"] + making["seconds"]:
        return 1.0
    return float((clock.now() - making["since"]) / making["seconds"])


def state(image_id: str) -> str:
    """The state of an image: pending, and then as it ends."""
    if share(image_id) < 1:
        return "pending"
    return str(_making.get(image_id, {}).get("outcome", models.AVAILABLE))


def forget(of: str) -> None:
    _making.pop(of, None)


def _stub(image_id: str) -> dict[str, Any] | None:
    return next((ec2._stub_image_view(*one) for one in ec2._STUB_AMIS if one[0] == image_id), None)


def publish(name: str, match: re.Match[str]) -> str:
    """The id of the image that the public parameter of that name names."""
    version, serial, architecture, disk = match.groups()
    image_id = "ami-" + hashlib.sha256(name.encode()).hexdigest()[:17]
    _published[image_id] = {
        "ImageId": image_id,
        "Name": f"ubuntu/images/{FOLDERS[disk]}/ubuntu-{version}-{architecture}-server-{serial}",
        "Description": f"Canonical, Ubuntu, {version}, {architecture}",
        "Platform": "",
        "RootDeviceType": "ebs",
        "RootDeviceName": "/dev/sda1",
        "Architecture": ARCHITECTURES[architecture],
        "VirtualizationType": "hvm",
        "OwnerId": CANONICAL,
        "ImageOwnerAlias": None,
        "IsPublic": "true",
        "Backed": False,
        "VolumeType": disk,
        "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": "8", "VolumeType": disk}}],
    }
    return image_id


def boot_mode(image_id: str) -> str:
    """How the image wants to be started, "" for whatever the type does (AWSEC2/latest/UserGuide/ami-boot.html)."""
    return _kept.get(image_id, {}).get("bootMode", "")


def _register(register: actions.Action) -> actions.Action:
    """RegisterImage, with what ministack does not keep: without EnaSupport there is none (API_RegisterImage.html)."""

    def registered(parameters: actions.Parameters) -> actions.Response:
        response = register(parameters)
        if found := re.search(rb"<imageId>(.*?)</imageId>", response[2]):
            given = {
                "bootMode": actions.one(parameters, "BootMode"),
                "enaSupport": actions.one(parameters, "EnaSupport"),
            }
            _kept[found.group(1).decode()] = {name: value for name, value in given.items() if value}
        return response

    return registered


def _deprecate(parameters: actions.Parameters) -> actions.Response:
    """API_EnableImageDeprecation.html"""
    image = require(actions.one(parameters, "ImageId"))
    _kept.setdefault(image["ImageId"], {})["deprecationTime"] = actions.one(parameters, "DeprecateAt")
    response: actions.Response = ec2._xml(200, "EnableImageDeprecationResponse", "<return>true</return>")
    return response


def _completed(body: bytes) -> bytes:
    """An answer with what ministack does not say of images: those that are there from the beginning have the ENA driver."""

    def more(found: re.Match[bytes]) -> bytes:
        image_id = found.group(1).decode()
        made = {} if image_id in ec2._images else {"creationDate": CREATED}
        said = _kept.get(image_id, {"enaSupport": "true", **made})
        return found.group(0) + "".join(f"<{name}>{value}</{name}>" for name, value in said.items()).encode()

    return re.sub(rb"<imageId>(.*?)</imageId>", more, body)


def install() -> None:
    """Serve Canonical's parameters and images beside ministack's."""
    own = list(ec2._STUB_AMIS)
    public, view, describe = ssm._public_parameter, ec2._stub_image_view, ec2._ACTION_MAP["DescribeImages"]

    def parameter(name: str) -> dict[str, Any] | None:
        match = PARAMETER.fullmatch(name)
        if not match:
            return public(name)
        return {
            "Name": name,
            "Type": "String",
            "Value": publish(name, match),
            "Version": 1,
            "LastModifiedDate": 0,
            "ARN": f"arn:aws:ssm:{get_region()}::parameter{name}",
        }

    def images(image_id: str, *rest: Any) -> dict[str, Any]:
        return _published.get(image_id) or view(image_id, *rest)

    def described(parameters: Any) -> Any:
        ec2._STUB_AMIS[:] = [*own, *((one, "", "", "", "", "", None) for one in _published)]
        status, headers, body = describe(parameters)
        return status, headers, _completed(body)

    ssm._public_parameter = parameter
    ec2._stub_image_view = images
    ec2._ACTION_MAP["DescribeImages"] = described
    ec2._ACTION_MAP["RegisterImage"] = _register(ec2._ACTION_MAP["RegisterImage"])
    ec2._ACTION_MAP["EnableImageDeprecation"] = network.answering(_deprecate)


def reset() -> None:
    _published.clear()
    _making.clear()
    _kept.clear()
