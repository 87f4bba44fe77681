"""What an SSM association's run comes to: as with machines, a test or a person says so."""

from dataclasses import dataclass

OUTCOMES = {"success": "Success", "failed": "Failed"}


@dataclass
class Behaviour:
    """How runs end from now on, and after how long."""

    outcome: str = "success"
    delaySeconds: float = 0.0

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome {self.outcome!r} is not allowed: it takes {', '.join(OUTCOMES)}")


_now = [Behaviour()]


def behave(behaviour: Behaviour) -> None:
    _now[0] = behaviour


def current() -> Behaviour:
    return _now[0]


def reset() -> None:
    _now[0] = Behaviour()
