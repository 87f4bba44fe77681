"""What a template refers to and does not have: CloudFormation refuses it before anything else."""

import re
from collections.abc import Iterator
from typing import Any

SUBSTITUTED = re.compile(r"\$\{([^!}][^}]*)\}")


def unresolved(template: dict[str, Any]) -> list[str]:
    """The names that no resource and no parameter has, each once, in the order of the alphabet."""
    resources = template.get("Resources") or {}
    known = {*resources, *(template.get("Parameters") or {})}
    named = {name for definition in resources.values() if isinstance(definition, dict) for name in _named(definition)}
    return sorted(name for name in named if name not in known and not name.startswith("AWS::"))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _named(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner
            elif key == "Fn::GetAtt":
                yield inner.partition(".")[0] if isinstance(inner, str) else inner[0]
            elif key == "Fn::Sub":
                yield from _substituted(inner)
            elif key == "DependsOn":
                yield from [inner] if isinstance(inner, str) else inner
            else:
                yield from _named(inner)


def _substituted(value: Any) -> Iterator[str]:
    text, own = (value, {}) if isinstance(value, str) else (value[0], value[1])
    yield from _named(list(own.values()))
    for name in SUBSTITUTED.findall(text):
        if name not in own:
            yield name.partition(".")[0]
