"""The time that waits are measured in: the real one, plus what a test has skipped."""

import threading
import time

_changed = threading.Condition()
_skipped = 0.0


def now() -> float:
    """Seconds since some fixed point, skipped time included."""
    return time.monotonic() + _skipped


def skip(seconds: float) -> None:
    """Let that much time have passed for everything that waits."""
    global _skipped
    with _changed:
        _skipped += seconds
        _changed.notify_all()


def sleep(seconds: float) -> None:
    """Wait until that much time has passed."""
    until = now() + seconds
    with _changed:
        while (left := until - now()) > 0:
            _changed.wait(left)


def reset() -> None:
    """Forget what was skipped."""
    global _skipped
    with _changed:
        _skipped = 0.0
        _changed.notify_all()
