"""Values held against the shapes of AWS's service models: required, enum, pattern, lengths, ranges, sizes.

botocore checks that a member is there and of its type, and leaves the rest to the service.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import documented, models


@dataclass(frozen=True)
class Violation:
    """One constraint that a value breaks: the message, and the code where it has one of its own."""

    message: str
    code: str = ""


@dataclass(frozen=True)
class Holder:
    """Holds the values of one call. exact: the call came in JSON or CBOR, where a number is no text; CloudFormation and the
    query protocol turn texts into what is asked for."""

    service: str
    exact: bool = False

    def violations(self, shape: Any, value: Any, at: str = "") -> Iterator[Violation]:
        """What the value at that path breaks of its shape, and of what the shape's documentation says."""
        yield from KINDS.get(shape.type_name, _nothing)(self, shape, value, at)

    def structure(self, shape: Any, value: Any, at: str) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield _broken(at, value, "Member must be a structure")
            return
        for name in value.keys() - shape.members.keys():
            yield _broken(_inside(at, name), value[name], f"Member is not known, {shape.name} has none of that name")
        for name in shape.required_members:
            if value.get(name) is None:
                yield Violation(
                    f"Value null at '{_inside(at, name)}' failed to satisfy constraint: Member must not be null"
                )
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from self.violations(member, value[name], _inside(at, name))
        yield from (
            Violation(rule.says(value), rule.code)
            for rule in documented.of(self.service, shape.name)
            if not rule.keeps(value)
        )

    def listed(self, shape: Any, value: Any, at: str) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield _broken(at, value, "Member must be a list")
            return
        yield from _sized(shape, value, len(value), at)
        for number, one in enumerate(value, 1):
            yield from self.violations(shape.member, one, f"{at}.{number}.member")

    def mapped(self, shape: Any, value: Any, at: str) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield _broken(at, value, "Member must be a map")
            return
        yield from _sized(shape, value, len(value), at)
        for key, one in value.items():
            yield from self.violations(shape.key, key, f"{at}.{key}.key")
            yield from self.violations(shape.value, one, f"{at}.{key}.value")

    def string(self, shape: Any, value: Any, at: str) -> Iterator[Violation]:
        text = _text(value)
        if text is None or (self.exact and not isinstance(value, str)):
            yield _broken(at, value, "Member must be a string")
            return
        yield from _sized(shape, text, len(text), at)
        wanted, allowed = shape.metadata.get("pattern"), shape.metadata.get("enum")
        if wanted and not models.pattern(wanted).fullmatch(text):
            yield _broken(at, text, f"Member must satisfy regular expression pattern: {wanted}")
        if allowed and text not in allowed:
            yield _broken(at, text, f"Member must satisfy enum value set: [{', '.join(allowed)}]")

    def number(self, shape: Any, value: Any, at: str) -> Iterator[Violation]:
        whole = shape.type_name in ("integer", "long")
        number = _number(value, whole, self.exact)
        if number is None:
            yield _broken(at, value, f"Member must be {'an integer' if whole else 'a number'}")
            return
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        if least is not None and number < least:
            yield _broken(at, value, f"Member must have value greater than or equal to {least}")
        if most is not None and number > most:
            yield _broken(at, value, f"Member must have value less than or equal to {most}")

    def boolean(self, shape: Any, value: Any, at: str) -> Iterator[Violation]:
        if not isinstance(value, bool) and (self.exact or value not in ("true", "false")):
            yield _broken(at, value, "Member must be a boolean")

    def blob(self, shape: Any, value: Any, at: str) -> Iterator[Violation]:
        content = _content(value)
        if content is None:
            yield _broken(at, value, "Member must be base64")
            return
        yield from _sized(shape, value, len(content), at)


Check = Callable[[Holder, Any, Any, str], Iterator[Violation]]


def _nothing(holder: Holder, shape: Any, value: Any, at: str) -> Iterator[Violation]:
    """Timestamps come in each protocol's own form and have no constraint in any model."""
    yield from ()


KINDS: dict[str, Check] = {
    "structure": Holder.structure,
    "list": Holder.listed,
    "map": Holder.mapped,
    "string": Holder.string,
    "integer": Holder.number,
    "long": Holder.number,
    "float": Holder.number,
    "double": Holder.number,
    "boolean": Holder.boolean,
    "blob": Holder.blob,
}


def _broken(at: str, value: Any, constraint: str) -> Violation:
    return Violation(f"Value '{value}' at '{at}' failed to satisfy constraint: {constraint}")


def _inside(at: str, name: str) -> str:
    """The path of a member, as AWS writes it: the first letter small."""
    return f"{at}.{name[:1].lower()}{name[1:]}".removeprefix(".")


def _sized(shape: Any, value: Any, size: int, at: str) -> Iterator[Violation]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _broken(at, value, f"Member must have length greater than or equal to {least}")
    if most is not None and size > most:
        yield _broken(at, value, f"Member must have length less than or equal to {most}")


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else None


def _number(value: Any, whole: bool, exact: bool) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or (exact and isinstance(value, str)):
        return None
    if not re.fullmatch(r"[+-]?\d+(\.0+)?" if whole else r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", str(value)):
        return None
    return float(value)


def _content(value: Any) -> bytes | None:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        return None
