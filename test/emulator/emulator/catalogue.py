"""All resource types the emulator knows."""

from .resources import ResourceType
from .services import identity, network

TYPES: dict[str, ResourceType] = {kind.name: kind for module in (identity, network) for kind in module.TYPES}

TAGS = {name: ("Tags", "list") for name in ("AWS::EC2::Instance",)}
"""Types that CloudFormation hands the stack's tags to and ministack does not know for it."""
