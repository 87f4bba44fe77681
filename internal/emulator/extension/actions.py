"""AWS's API actions, as ministack answers them: called from resource types, and guarded where AWS refuses more."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from .resources import Refusal

Parameters = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]
Action = Callable[[Parameters], Response]


def call(service: str, action: Action, parameters: Mapping[str, Any]) -> bytes:
    """The answer's body, or a Refusal with the error's code and message."""
    status, _, body = action(dict(parameters))
    if status >= 400:
        raise Refusal(service, *error(body))
    return body


def error(body: bytes) -> tuple[str, str]:
    """Code and message of an error in XML or JSON."""
    text = body.decode()
    code = re.search(r'<Code>(.*?)</Code>|"__type": ?"(?:[^"]*#)?([^"]*)"', text)
    message = re.search(r'<Message>\s*(.*?)\s*</Message>|"[mM]essage": ?"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    return _first(code) or "InternalError", _first(message)


def _first(match: re.Match[str] | None) -> str:
    return next((group for group in match.groups() if group is not None), "") if match else ""


def one(parameters: Parameters, name: str, default: str = "") -> str:
    """The value of a parameter of the Query protocol, which holds each in a list."""
    value = parameters.get(name, default)
    return str(value[0] if value else default) if isinstance(value, list) else str(value)


def listed(parameters: Parameters, prefix: str) -> list[str]:
    """The values of prefix.1, prefix.2 and so on."""
    found: list[str] = []
    while value := one(parameters, f"{prefix}.{len(found) + 1}"):
        found.append(value)
    return found


def flag(value: Any) -> bool:
    """A boolean as templates and requests write it: true, "true"."""
    return str(value).lower() == "true"
