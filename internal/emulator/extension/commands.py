"""Run Command: which machines answer, and what they answer.

An instance takes commands while it runs and has an instance profile, by whose role the agent registers it (Systems Manager
User Guide, "Configure instance permissions required for Systems Manager"). No machine boots here, so that a command finds
no shell unless a test says what its output is.
"""

import threading
from dataclasses import dataclass
from typing import Any

from ministack.services import ec2

from . import models


@dataclass
class Answer:
    """What the machine with that id ("" for any) writes when it is given a command, and the code that it ends with."""

    instance: str = ""
    output: str = ""
    error: str = ""
    code: int = 0


NOBODY = Answer(error="nothing runs on this machine: the emulator boots none", code=127)

_lock = threading.Lock()
_answers: dict[str, Answer] = {}


def answer(said: Answer) -> None:
    """Replace what was said of that machine."""
    with _lock:
        _answers[said.instance] = said


def install() -> None:
    """Decide instead of ministack, which looks for a container behind each instance."""
    ec2.instance_is_managed, ec2.exec_in_instance_blocking = _managed, _run


def _managed(instance_id: str) -> bool:
    instance = ec2._instances.get(instance_id) or {}
    if instance.get("ImageId") in ec2._images and models.current.copyBoots != models.WELL:
        return False
    return instance.get("State", {}).get("Name") == "running" and bool(instance.get("IamInstanceProfile"))


def _run(instance_id: str, argv: Any) -> tuple[int, str, str]:
    with _lock:
        said = _answers.get(instance_id) or _answers.get("") or NOBODY
    return said.code, said.output, said.error


def reset() -> None:
    with _lock:
        _answers.clear()
