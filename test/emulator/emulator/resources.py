"""What a resource type is to a deployment: what it holds, what replaces it, and how it is made, changed and removed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]  # physical id, attributes for Fn::GetAtt


class Refusal(Exception):
    """What a service answers instead of doing what it was asked to: its error code and message."""

    def __init__(self, service: str, code: str, message: str) -> None:
        super().__init__(f"{message} (Service: {service}, Status Code: 400, Error Code: {code})")
        self.code = code


@dataclass(frozen=True)
class Place:
    """Where in which stack a resource stands, and its entry of the template (CreationPolicy, UpdatePolicy and so on)."""

    stack_name: str
    stack_id: str
    logical_id: str
    definition: dict[str, Any]
    tell: Any = field(default=lambda status, reason: None, compare=False)  # adds a stack event about the resource


class ResourceType:
    """One type. A subclass makes, changes and removes; deleting what is gone already succeeds."""

    name: str
    holds: frozenset[str] = frozenset()
    """The properties it holds, as paths through objects and lists ("Ebs.VolumeSize"); "Tags.*" is Tags, whole."""
    replaces: frozenset[str] = frozenset()
    """The top-level properties whose change replaces the resource ("Update requires: Replacement")."""
    physical_name: str = ""
    """The property that names it; while that stays, it cannot be replaced."""

    def create(self, place: Place, properties: Properties) -> Made:
        raise NotImplementedError

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        raise NotImplementedError

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        raise NotImplementedError

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        """Whether going from old to new needs a new resource."""
        return any(old.get(name) != new.get(name) for name in self.replaces)

    def not_held(self, properties: Properties) -> list[str]:
        """The paths of properties that it does not hold."""
        return sorted({path for path in paths(properties) if not self._held(path)})

    def _held(self, path: str) -> bool:
        parts = path.split(".")
        return path in self.holds or any(".".join([*parts[:n], "*"]) in self.holds for n in range(1, len(parts) + 1))


class Native(ResourceType):
    """A type that ministack's own handler serves as CloudFormation does."""

    def __init__(self, name: str, holds: Iterable[str], replaces: Iterable[str] = (), physical_name: str = "") -> None:
        self.name, self.physical_name = name, physical_name
        self.holds, self.replaces = frozenset(holds), frozenset(replaces)

    def create(self, place: Place, properties: Properties) -> Made:
        return provisioners._provision_resource(self.name, place.logical_id, properties, place.stack_name)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        return provisioners._update_resource(self.name, physical_id, old, new, place.stack_name, place.logical_id, {})

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        provisioners._delete_resource(self.name, physical_id, properties, place.stack_name, place.logical_id)


def paths(value: Any, at: str = "") -> Iterator[str]:
    """The paths of all leaves, through lists: {"A": [{"B": 1}]} has "A.B". A reference is a leaf."""
    if isinstance(value, dict) and value and not _is_reference(value):
        for key, inner in value.items():
            yield from paths(inner, f"{at}.{key}" if at else key)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from paths(inner, at)
    elif at:
        yield at


def _is_reference(value: dict) -> bool:
    return len(value) == 1 and all(key == "Ref" or key.startswith("Fn::") for key in value)
