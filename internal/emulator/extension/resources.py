"""What a resource type is to a deployment: what it holds, what replaces it, and how it is made, changed and removed."""

import random
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ministack.services.cloudformation import provisioners

from . import halts, models, signals

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]  # physical id, attributes for Fn::GetAtt


class Refusal(Exception):
    """What a service answers instead of doing what it was asked to: its error code and message."""

    def __init__(self, service: str, code: str, message: str) -> None:
        super().__init__(f"{message} (Service: {service}, Status Code: 400, Error Code: {code})")
        self.code, self.message = code, message


class AlreadyExists(Exception):
    """What a type's handler says of a resource that it would make and finds."""

    def __init__(self, said: str) -> None:
        super().__init__(f'Resource handler returned message: "{said}" (HandlerErrorCode: AlreadyExists)')


@dataclass(frozen=True)
class Place:
    """Where in which stack a resource stands, and its entry of the template (CreationPolicy, UpdatePolicy and so on)."""

    stack_name: str
    stack_id: str
    logical_id: str
    definition: dict[str, Any]
    tell: Callable[[str, str], None] = lambda status, reason: None
    """Adds a stack event about the resource: its status and the reason."""
    cancelled: Callable[[], bool] = lambda: False
    """Whether the user has cancelled the operation: a wait looks at it, and ends with signals.Cancelled."""

    def halt(self, what: str) -> None:
        """Stand still for who looks at what users meet now."""
        halts.at(str(self.definition.get("Type", "")), f"{what} {self.logical_id}")

    def watch(self, status: str) -> signals.Watch:
        """Tell signals as events of that status."""
        return signals.Watch(lambda line: self.tell(status, line), self.cancelled)


class ResourceType:
    """One type. A subclass makes, changes and removes; deleting what is gone already succeeds."""

    name: str
    holds: frozenset[str] = frozenset()
    """The properties it holds, as paths through objects and lists ("Ebs.VolumeSize"); "Tags.*" is Tags, whole."""
    replaces: frozenset[str] = frozenset()
    """The top-level properties whose change replaces the resource ("Update requires: Replacement")."""
    physical_name: str = ""
    """The property that names it; while that stays, it cannot be replaced."""
    name_is_id: bool = True
    """Whether that name is its primaryIdentifier in the registry's schema, by which early validation looks for it."""
    deletes_first: bool = False
    """Whether a replacement deletes the old one before it makes the new one (replacementStrategy: delete_then_create)."""

    def create(self, place: Place, properties: Properties) -> Made:
        raise NotImplementedError

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        raise NotImplementedError

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        raise NotImplementedError

    @property
    def identified_by(self) -> tuple[str, ...]:
        """The properties that tell it from others of its type; none where AWS gives it an id."""
        return (self.physical_name,) if self.physical_name else ()

    def foreseen(self) -> bool:
        """Whether early validation tells that it exists."""
        return bool(self.physical_name) and self.name_is_id and models.current.takenName == models.FORESEE

    def taken(self, properties: Properties) -> bool:
        """Whether what the properties identify exists already, whoever made it: then a create refuses."""
        if self.physical_name:
            raise NotImplementedError
        return False

    def exists(self, properties: Properties) -> str:
        """What is said of it then."""
        identifier = "|".join(str(properties[name]) for name in self.identified_by if name in properties)
        return f"Resource of type '{self.name}' with identifier '{identifier}' already exists."

    def imported_by(self) -> tuple[str, ...]:
        """The parts of the identifier in an import, the physical id's last; none where the type cannot be imported."""
        return ()

    def adopt(self, identifier: dict[str, str]) -> Made:
        """What an import finds under that identifier; a Refusal where there is nothing."""
        raise NotImplementedError

    def actual(self, physical_id: str) -> Properties:
        """What it really is, in the properties of a template."""
        raise NotImplementedError

    def await_signals(self, place: Place, box: signals.Mailbox, count: int, timeout: float) -> None:
        """Wait, timeout seconds at most, for the signals that a CreationPolicy asks for."""
        signals.wait(box, count, timeout, place.watch("CREATE_IN_PROGRESS"))

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


class Named(Native):
    """A native type that CloudFormation names: stack, logical id and a random end.

    ministack's handlers would leave the end out, so that a replacement met its predecessor. name is the property that
    holds the name, longest the most characters it may have.
    """

    def __init__(
        self,
        name: str,
        holds: Iterable[str],
        replaces: Iterable[str],
        named_by: str,
        longest: int = 64,
        lower: bool = False,
    ) -> None:
        super().__init__(name, holds, replaces, named_by)
        self.longest, self.lower = longest, lower

    def create(self, place: Place, properties: Properties) -> Made:
        return super().create(
            place, {self.physical_name: generated_name(place, self.longest, self.lower), **properties}
        )

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        name = {self.physical_name: physical_id}
        return super().update(place, physical_id, {**name, **old}, {**name, **new})

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        super().delete(place, physical_id, {self.physical_name: physical_id, **properties})


def generated_name(place: Place, longest: int = 64, lower: bool = False) -> str:
    """A name as CloudFormation makes it, such as KoraBackend-Role-1A2B3C4D5E6F
    (.../AWSCloudFormation/latest/UserGuide/aws-properties-name.html)."""
    end = "".join(random.choices(string.ascii_uppercase + string.digits, k=12))
    name = f"{place.stack_name[: (longest - 14) // 2]}-{place.logical_id}"[: longest - 13] + f"-{end}"
    return name.lower() if lower else name


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
