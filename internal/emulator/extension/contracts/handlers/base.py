"""What a resource's handler is, and what most of them share."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Properties = dict[str, Any]
Params = dict[str, Any]

GENERATED = "stack-resource-1a2b3c4d5e6f"
"""Stands for a name that CloudFormation makes: it makes one that fits."""
SYSTEM = "aws:cloudformation:"
"""CloudFormation's own tags, which it sets by a way that no one else has."""


@dataclass(frozen=True)
class Call:
    """One call: botocore's name of the service, the operation, what it is given."""

    service: str
    operation: str
    params: Params


class Wanted:
    """A resource's properties, which note those that a call carries."""

    def __init__(self, properties: Properties) -> None:
        self._properties, self.carried = properties, set[str]()

    def get(self, name: str, default: Any = None) -> Any:
        """The property's value; default without it."""
        self.carried.add(name)
        return self._properties.get(name, default)

    def take(self, *names: str, **renamed: str) -> Params:
        """Those properties that are there, under their own names or as renamed: Description="GroupDescription"."""
        pairs = [*((name, name) for name in names), *renamed.items()]
        self.carried.update(name for _, name in pairs)
        return {member: self._properties[name] for member, name in pairs if name in self._properties}

    def tags(self) -> list[dict[str, Any]]:
        """The tags, CloudFormation's own left out. Some types take a map of them."""
        tags = self.get("Tags") or []
        listed = [{"Key": key, "Value": value} for key, value in tags.items()] if isinstance(tags, dict) else tags
        return [one for one in listed if not str(one.get("Key", "")).startswith(SYSTEM)]

    def uncarried(self, apart: Iterable[str], other: "Wanted | None" = None) -> list[str]:
        """The properties that no call carries, unless they go apart from calls; with other, those that differ from it."""
        names = set(self._properties) | set(other._properties if other else ())
        return sorted(
            name
            for name in names - self.carried - set(apart)
            if other is None or self._properties.get(name) != other._properties.get(name)
        )


@dataclass(frozen=True)
class It:
    """A resource that stands: its physical id and its attributes."""

    id: str
    attributes: dict[str, Any]


class Handler:
    """A type's handler. Its calls are made with every value resolved; an id that a call before would return is made up."""

    name = ""
    service = ""
    apart: frozenset[str] = frozenset()
    """Properties that no call carries: the handler itself, or CloudFormation, acts on them."""

    def create(self, new: Wanted) -> Iterator[Call]:
        """The calls that make it."""
        raise NotImplementedError

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        """The calls that change it in place. Types that are only replaced make none."""
        yield from ()

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        """The calls that remove it."""
        raise NotImplementedError

    def call(self, operation: str, *params: Params, **more: Any) -> Call:
        """A call of the handler's service."""
        whole: Params = {}
        for one in (*params, more):
            whole.update(one)
        return Call(self.service, operation, whole)


def named(new: Wanted, name: str) -> Params:
    """The name, made up where the template gives none."""
    return {name: new.get(name) or GENERATED}


def present(name: str, values: Any) -> Params:
    """The parameter, unless there is nothing to send."""
    return {name: values} if values else {}


def changed(old: Wanted, new: Wanted, *names: str) -> bool:
    """Whether any of the properties changed."""
    return any(old.get(name) != new.get(name) for name in names)


def retagged(old: Wanted, new: Wanted) -> tuple[list[dict[str, Any]], list[str]]:
    """The tags to set, and the keys to remove."""
    before, after = old.tags(), new.tags()
    kept = {one["Key"] for one in after}
    return [one for one in after if one not in before], [one["Key"] for one in before if one["Key"] not in kept]
