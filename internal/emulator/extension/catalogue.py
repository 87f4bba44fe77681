"""All resource types the emulator knows."""

from types import ModuleType

from .resources import ResourceType
from .services import (
    addresses,
    autoscaling,
    baking,
    balancing,
    caching,
    callers,
    compute,
    dns,
    endpoints,
    hardware,
    identity,
    images,
    lifecycle,
    logs,
    monitoring,
    network,
    notification,
    quotas,
    servers,
    simulation,
    storage,
    systems,
    templates,
)

MODULES: tuple[ModuleType, ...] = (
    addresses,
    autoscaling,
    baking,
    balancing,
    caching,
    callers,
    compute,
    dns,
    endpoints,
    hardware,
    identity,
    images,
    lifecycle,
    logs,
    monitoring,
    network,
    notification,
    quotas,
    servers,
    simulation,
    storage,
    systems,
    templates,
)

TYPES: dict[str, ResourceType] = {kind.name: kind for module in MODULES for kind in getattr(module, "TYPES", ())}

TAGS = {name: ("Tags", "list") for name in ("AWS::EC2::EIP", "AWS::EC2::Instance", "AWS::SSM::Document")}
"""Types that CloudFormation hands the stack's tags to and ministack does not know for it."""


def install() -> None:
    """Let each service answer its API as its types need it."""
    for module in MODULES:
        if hasattr(module, "install"):
            module.install()


def reset() -> None:
    """Forget what the services keep themselves."""
    for module in MODULES:
        if hasattr(module, "reset"):
            module.reset()
