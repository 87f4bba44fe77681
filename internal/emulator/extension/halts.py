"""Halts: an operation stands still at each state that users would meet, while somebody looks at it.

What users meet lasts for seconds or minutes on AWS and for no time here. A test that watches them takes these states one by
one, so that none passes unseen, however busy the machine is.
"""

import threading

_changed = threading.Condition()
_types: frozenset[str] = frozenset()
"""Of which types of resources the operations halt."""
_number = 0
_at = ""
"""Where the operation stands that was told of last; "" while none does."""


def choose(types: list[str]) -> None:
    """Halt at the operations on resources of these types from now on, at none where the list is empty."""
    global _types, _at
    with _changed:
        _types, _at = frozenset(types), ""
        _changed.notify_all()


def on() -> bool:
    return bool(_types)


def at(kind: str, what: str) -> None:
    """Stand still until somebody has looked, if anybody wants to look at operations on that type."""
    global _number, _at
    with _changed:
        while _at and kind in _types:  # one after the other, should several operations go on
            _changed.wait()
        if kind not in _types:
            return
        _number += 1
        _at, mine = what, _number
        _changed.notify_all()
        _changed.wait_for(lambda: _number != mine or not _at)


def after(number: int, patience: float = 1.0) -> dict[str, object]:
    """Let the halt of that number go on, and wait for the next, patience seconds at most: number 0 where none came."""
    global _at
    with _changed:
        if _at and _number == number:
            _at = ""
            _changed.notify_all()
        _changed.wait_for(lambda: bool(_at) or not _types, patience)
        return {"number": _number if _at else 0, "at": _at}


def reset() -> None:
    choose([])
