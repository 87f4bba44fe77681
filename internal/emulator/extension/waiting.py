"""Waits of resource types for what other requests do; they end when the clock says so, or the user."""

import threading
from collections.abc import Callable

from . import clock, signals
from .resources import Place

TURN = 0.02
"""Seconds between looks: what is waited for happens in this process."""


class TimedOut(Exception):
    """What was waited for did not happen in time."""


def until(place: Place, happened: Callable[[], bool], timeout: float, otherwise: str) -> None:
    """Wait until it has happened.

    timeout is in seconds of the clock; then it raises TimedOut, saying otherwise. Raises signals.Cancelled when the user
    gives up.
    """
    end, pause = clock.now() + timeout, threading.Event()
    while not happened():
        if place.cancelled():
            raise signals.Cancelled
        if clock.now() >= end:
            raise TimedOut(otherwise)
        pause.wait(TURN)
