"""Copies of everything the emulator knows, to come back to: a test tries the same step many times."""

import copy
import itertools
import re
import sys
from types import ModuleType
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

KEEPERS = ("ministack.services.", "extension.services.", "extension.machines")
SCOPED = (AccountScopedDict, AccountRegionScopedDict)

_serial = itertools.count(1)
_saved: dict[str, dict[tuple[str, str], Any]] = {}


def save() -> str:
    """Keep a copy and tell its id. Only between operations: what runs on threads is not in it."""
    number = str(next(_serial))
    _saved[number] = copy.deepcopy({(module.__name__, name): _content(store) for module, name, store in _stores()})
    return number


def restore(number: str) -> None:
    """Bring back the copy of that id, KeyError for none; it can be brought back again."""
    content = copy.deepcopy(_saved[number])
    for module, name, store in _stores():
        kept = content.get((module.__name__, name))
        inner = _content(store)
        inner.clear()
        if kept is not None:
            inner.update(kept)


def reset() -> None:
    _saved.clear()


def _content(store: Any) -> dict:
    return store._data if isinstance(store, SCOPED) else store


def _stores() -> list[tuple[ModuleType, str, Any]]:
    """Everything services keep: scoped dicts and dicts in lower case in their modules; capitals are constants."""
    return [
        (module, name, value)
        for path, module in sorted(sys.modules.items())
        if path.startswith(KEEPERS)
        for name, value in sorted(vars(module).items())
        if isinstance(value, SCOPED) or (type(value) is dict and re.fullmatch("_[a-z][a-z_]*", name))
    ]
