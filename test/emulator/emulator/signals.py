"""Signals: what machines report while CloudFormation creates or rolls them, and the wait for it.

SignalResource is taken only while the resource is being created or updated, and each id counts once
(https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_SignalResource.html).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from . import clock

SUCCESS, FAILURE = "SUCCESS", "FAILURE"

Key = tuple[str, str]  # stack id, logical id


class Unsatisfied(Exception):
    """The signals that an operation waits for did not come, or said FAILURE."""


@dataclass
class Mailbox:
    """The signals of one resource during one operation, by unique id."""

    received: dict[str, str] = field(default_factory=dict)

    def count(self, status: str) -> int:
        return sum(one == status for one in self.received.values())


_changed = threading.Condition()
_open: dict[Key, Mailbox] = {}


@contextmanager
def expected(stack_id: str, logical_id: str) -> Iterator[Mailbox]:
    """Take signals for the resource until the block ends."""
    box = Mailbox()
    with _changed:
        _open[stack_id, logical_id] = box
    try:
        yield box
    finally:
        with _changed:
            _open.pop((stack_id, logical_id), None)


def deliver(stack_id: str, logical_id: str, unique_id: str, status: str) -> bool:
    """Put a signal into the resource's mailbox. False where nobody expects one."""
    with _changed:
        box = _open.get((stack_id, logical_id))
        if box is None:
            return False
        box.received.setdefault(unique_id, status)
        _changed.notify_all()
        return True


def wait(box: Mailbox, count: int, timeout: float, least: int | None = None) -> None:
    """Wait until count signals have come, at least `least` (all of them unless told) of them SUCCESS.

    timeout is in seconds of the clock. Raises Unsatisfied as soon as too many said FAILURE, or when time is up.
    """
    least = count if least is None else least
    until = clock.now() + timeout
    with _changed:
        while box.count(SUCCESS) < least:
            if (failures := box.count(FAILURE)) > count - least:
                raise Unsatisfied(f"Received {failures} FAILURE signal(s) out of {count}. Unable to satisfy "
                                  f"{100 * least // count}% MinSuccessfulInstancesPercent requirement")
            if clock.now() >= until:
                raise Unsatisfied(f"Failed to receive {count - len(box.received)} resource signal(s) within the specified duration")
            _changed.wait(0.02)


def reset() -> None:
    with _changed:
        _open.clear()
