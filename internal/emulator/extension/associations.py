"""What an SSM association's run comes to: as with machines, a test or a person says so."""

import threading
from dataclasses import dataclass

OUTCOMES = {"success": "Success", "failed": "Failed"}


@dataclass
class Behaviour:
    """How runs end, and after how long: the next count of them, all that follow where that is 0."""

    outcome: str = "success"
    delaySeconds: float = 0.0
    count: int = 0

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome {self.outcome!r} is not allowed: it takes {', '.join(OUTCOMES)}")


_lock = threading.Lock()
_said: list[Behaviour] = []


def behave(behaviour: Behaviour) -> None:
    """Put it before all that was said earlier; one without a count replaces that."""
    with _lock:
        if not behaviour.count:
            _said.clear()
        _said.insert(0, behaviour)


def take() -> Behaviour:
    """How the run that starts now ends."""
    with _lock:
        behaviour = _said[0] if _said else Behaviour()
        if behaviour.count:
            behaviour.count -= 1
            if not behaviour.count:
                _said.remove(behaviour)
        return behaviour


def reset() -> None:
    with _lock:
        _said.clear()
