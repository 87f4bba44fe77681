"""Instance types: which there are, on which architecture, where."""

from ministack.services import ec2

from .. import actions
from . import network

SMALL = ("nano", "micro", "small", "medium", "large", "xlarge", "2xlarge")
LARGE = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge")

FAMILIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "t2": ("x86_64", SMALL),
    "t3": ("x86_64", SMALL),
    "t3a": ("x86_64", SMALL),
    "t4g": ("arm64", SMALL),
    **{
        family: ("x86_64", LARGE)
        for family in ("m5", "m5a", "m6i", "m6a", "m7i", "c5", "c5a", "c6i", "c6a", "c7i", "r5", "r6i")
    },
    **{family: ("arm64", LARGE) for family in ("m6g", "m7g", "c6g", "c7g", "r6g", "r7g")},
}
"""Families with their architecture and sizes (ec2/latest/instancetypes/gp.html, co.html, mo.html): those that a backend of
this size would use, not all there are."""

NOT_OFFERED = {"c": ("t2",)}
"""Families that a zone of Mumbai lacks: t2 is not in ap-south-1c, says DescribeInstanceTypeOfferings."""

MEMORY = {
    "nano": 512,
    "micro": 1024,
    "small": 2048,
    "medium": 4096,
    "large": 8192,
    "xlarge": 16384,
    "2xlarge": 32768,
    "4xlarge": 65536,
    "8xlarge": 131072,
}
"""MiB of a t or m type; a c has half of it, an r twice."""

BURSTABLE = ("t2", "t3", "t3a", "t4g")
XEN = ("t2",)
"""Families that are not built on the Nitro System."""


def architecture(instance_type: str) -> str:
    """The type's architecture, InvalidParameterValue for no type."""
    family, _, size = instance_type.partition(".")
    known, sizes = FAMILIES.get(family, ("", ()))
    if size not in sizes:
        raise network.refuse("InvalidParameterValue", f"Invalid value '{instance_type}' for InstanceType.")
    return known


def check(instance_type: str, zone: str, image_architecture: str, boot_mode: str = "") -> None:
    """Refuse a type that does not run that architecture, does not start that way, or is not offered in that zone."""
    own = architecture(instance_type)
    if own != image_architecture:
        raise network.refuse(
            "InvalidParameterValue",
            f"The architecture '{own}' of the specified instance type does not match the "
            f"architecture '{image_architecture}' of the specified AMI. Specify an instance type and an AMI that "
            "have matching architectures, and try again.",
        )
    if boot_mode not in ("", "uefi-preferred", *boot_modes(instance_type)):  # the words are not AWS's
        raise network.refuse(
            "InvalidParameterValue",
            f"The instance type '{instance_type}' does not support the boot mode '{boot_mode}' of the specified AMI.",
        )
    if not _offered(instance_type, zone):
        others = ", ".join(one for one in network.zones() if _offered(instance_type, one))
        raise network.refuse(
            "Unsupported",
            f"Your requested instance type ({instance_type}) is not supported in your requested "
            f"Availability Zone ({zone}). Please retry your request by not specifying an Availability Zone or "
            f"choosing {others}.",
        )


def cores(instance_type: str) -> int:
    """The type's vCPUs."""
    family, size = instance_type.split(".")
    return 1 if family == "t2" and size in SMALL[:3] else max(2, MEMORY[size] // 4096)


def processor(instance_type: str) -> tuple[int, int]:
    """The type's cores and the threads of each: one on Graviton and on T2, two on the others (AWSEC2/latest/UserGuide/
    cpu-options-supported-instances-values.html)."""
    threads = 1 if architecture(instance_type) == "arm64" or instance_type.split(".")[0] in XEN else 2
    return cores(instance_type) // threads, threads


def _offered(instance_type: str, zone: str) -> bool:
    return instance_type.split(".")[0] not in NOT_OFFERED.get(zone[-1], ())


def boot_modes(instance_type: str) -> list[str]:
    """How the type's firmware starts a system (AWSEC2/latest/UserGuide/ami-boot.html): Graviton by UEFI alone, Nitro's others by
    both, and Xen's as a BIOS did."""
    if architecture(instance_type) == "arm64":
        return ["uefi"]
    return ["legacy-bios"] if instance_type.split(".")[0] in XEN else ["legacy-bios", "uefi"]


def _all() -> list[str]:
    return [f"{family}.{size}" for family, (_, sizes) in FAMILIES.items() for size in sizes]


def _describe(parameters: actions.Parameters) -> actions.Response:
    wanted = actions.listed(parameters, "InstanceType") or _all()
    items = "".join(_item(one) for one in wanted)
    response: actions.Response = ec2._xml(
        200, "DescribeInstanceTypesResponse", f"<instanceTypeSet>{items}</instanceTypeSet>"
    )
    return response


def _item(instance_type: str) -> str:
    own, (family, size) = architecture(instance_type), instance_type.split(".")
    memory = MEMORY[size] * (2 if family[0] == "r" else 1) // (2 if family[0] == "c" else 1)
    return (
        f"<item><instanceType>{instance_type}</instanceType><currentGeneration>true</currentGeneration>"
        f"<processorInfo><supportedArchitectures><item>{own}</item></supportedArchitectures></processorInfo>"
        f"<vCpuInfo><defaultVCpus>{cores(instance_type)}</defaultVCpus></vCpuInfo><memoryInfo><sizeInMiB>{memory}</sizeInMiB></memoryInfo>"
        f"<hypervisor>{'xen' if family in XEN else 'nitro'}</hypervisor>"
        f"<supportedBootModes>{''.join(f'<item>{one}</item>' for one in boot_modes(instance_type))}</supportedBootModes>"
        f"<burstablePerformanceSupported>{str(family in BURSTABLE).lower()}</burstablePerformanceSupported></item>"
    )


def _offerings(parameters: actions.Parameters) -> actions.Response:
    filters = ec2._parse_filters(parameters)
    places = (
        network.zones() if actions.one(parameters, "LocationType") == "availability-zone" else [network.zones()[0][:-1]]
    )
    items = "".join(
        f"<item><instanceType>{one}</instanceType><locationType>{actions.one(parameters, 'LocationType', 'region')}"
        f"</locationType><location>{place}</location></item>"
        for one in _all()
        for place in places
        if _offered(one, place)
        and one in filters.get("instance-type", [one])
        and place in filters.get("location", [place])
    )
    response: actions.Response = ec2._xml(
        200, "DescribeInstanceTypeOfferingsResponse", f"<instanceTypeOfferingSet>{items}</instanceTypeOfferingSet>"
    )
    return response


def install() -> None:
    ec2._ACTION_MAP["DescribeInstanceTypes"] = network.answering(_describe)
    ec2._ACTION_MAP["DescribeInstanceTypeOfferings"] = network.answering(_offerings)
