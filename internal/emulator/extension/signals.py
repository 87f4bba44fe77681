"""Signals: what machines report while CloudFormation creates or rolls them, and the wait for it.

SignalResource is taken only while the resource is being created or updated, and each id counts once
(https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_SignalResource.html).
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from . import clock

SUCCESS, FAILURE = "SUCCESS", "FAILURE"

Key = tuple[str, str]  # stack id, logical id


class Unsatisfied(Exception):
    """The signals that an operation waits for did not come, or said FAILURE."""


class Cancelled(Exception):
    """The user called CancelUpdateStack."""


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


def box(stack_id: str, logical_id: str) -> Mailbox:
    """The resource's open mailbox; an empty one of nobody where none is open."""
    with _changed:
        return _open.get((stack_id, logical_id)) or Mailbox()


@dataclass(frozen=True)
class Watch:
    """Who hears of a wait: tell gets a line for each signal, cancelled says whether the user gave up."""

    tell: Callable[[str], None] = lambda line: None
    cancelled: Callable[[], bool] = lambda: False


def gather(box: Mailbox, after: int, count: int, timeout: float, watch: Watch) -> list[str]:
    """The statuses of the next count signals after the first `after`, as far as they come in timeout seconds of the clock.

    Each one is told as CloudFormation tells it. Raises Cancelled when the user gives up.
    """
    until, told = clock.now() + timeout, 0
    while True:
        with _changed:
            came = list(box.received.items())[after : after + count]
            if len(came) == told < count and clock.now() < until:
                _changed.wait(0.02)
        for unique_id, status in came[told:]:
            watch.tell(f"Received {status} signal with UniqueId {unique_id}")
        told = len(came)
        if told == count or clock.now() >= until:
            return [status for _, status in came]
        if watch.cancelled():
            raise Cancelled


def wait(box: Mailbox, count: int, timeout: float, watch: Watch = Watch()) -> None:
    """Wait until count signals have come, all of them SUCCESS, as a CreationPolicy asks for.

    timeout is in seconds of the clock. Raises Unsatisfied as soon as one said FAILURE, or when time is up, and Cancelled.
    """
    until = clock.now() + timeout
    for arrived in range(count):
        statuses = gather(box, arrived, 1, until - clock.now(), watch)
        if not statuses:
            raise Unsatisfied(f"Failed to receive {count - arrived} resource signal(s) within the specified duration")
        if statuses[0] == FAILURE:
            raise Unsatisfied(
                f"Received {box.count(FAILURE)} FAILURE signal(s) out of {count}.  Unable to satisfy 100% "
                "MinSuccessfulInstancesPercent requirement"
            )


def reset() -> None:
    with _changed:
        _open.clear()
