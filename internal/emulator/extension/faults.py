"""Faults that a test asks for: one operation on one resource fails, before it took effect or after."""

import threading
from dataclasses import asdict, dataclass

OPERATIONS = ("create", "update", "delete", "import", "revert")
MOMENTS = ("before", "after")


@dataclass
class Fault:
    """The next `times` operations of that kind on that resource fail; revert is an update that a rollback takes back."""

    operation: str
    logicalId: str
    when: str = "before"
    times: int = 1

    def __post_init__(self) -> None:
        for name, value, allowed in (("operation", self.operation, OPERATIONS), ("when", self.when, MOMENTS)):
            if value not in allowed:
                raise ValueError(f"{name} {value!r} is not allowed: it takes {', '.join(allowed)}")


class InjectedFault(Exception):
    """What the operation fails with."""


_lock = threading.Lock()
_pending: list[Fault] = []


def add(fault: Fault) -> None:
    with _lock:
        _pending.append(fault)


def pending() -> list[dict]:
    """The faults that have not happened yet."""
    with _lock:
        return [asdict(fault) for fault in _pending]


def strike(operation: str, logical_id: str, when: str) -> None:
    """Raise InjectedFault if one is pending for this moment, and use it up."""
    with _lock:
        for fault in _pending:
            if (fault.operation, fault.logicalId, fault.when) == (operation, logical_id, when):
                fault.times -= 1
                if fault.times <= 0:
                    _pending.remove(fault)
                raise InjectedFault(f"injected fault {when} the {operation} of {logical_id}")


def reset() -> None:
    with _lock:
        _pending.clear()
