"""The calls that CloudFormation's resource handlers make, by type.

A handler is known by its effect and by the permissions that its registry schema names (handlers.create.permissions and so on);
its source is published for few types. What is written here is deduced from both, and a test holds each operation to the schema.
"""

from . import (
    balancing,
    compute,
    dns,
    fleet,
    identity,
    monitoring,
    network,
    stores,
    systems,
)
from .base import Call, Handler, It, Wanted

MODULES = (balancing, compute, dns, fleet, identity, monitoring, network, stores, systems)
HANDLERS: dict[str, Handler] = {handler.name: handler for module in MODULES for handler in module.HANDLERS}

__all__ = ["HANDLERS", "Call", "Handler", "It", "Wanted"]
