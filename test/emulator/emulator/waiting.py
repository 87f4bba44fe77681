"""Waits of resource types, which end when the clock says so or when someone cancels the update."""

import threading
from collections.abc import Callable

from ministack.services import cloudformation

from . import clock
from .resources import Place

TURN = 0.02
"""Seconds between looks: what is waited for happens in this process."""


class TimedOut(Exception):
    """What was waited for did not happen in time."""


class Interrupted(Exception):
    """The update that waits was cancelled."""


def until(place: Place, happened: Callable[[], bool], timeout: float, what: str) -> None:
    """Wait until it has happened. Raises TimedOut after so many seconds of the clock, Interrupted on a cancel."""
    end, pause = clock.now() + timeout, threading.Event()
    while not happened():
        stack = cloudformation._stacks.get(place.stack_name)
        if stack and stack.get("_cancel_requested"):
            raise Interrupted("Resource update cancelled")
        if clock.now() >= end:
            raise TimedOut(what)
        pause.wait(TURN)
