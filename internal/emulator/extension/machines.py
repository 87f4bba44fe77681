"""The machines that do not boot here: after a delay each reports what it was told to report.

What `python -m extension` starts is an entry in a table; nothing runs on it. A test, or a person, chooses what the next
machines do: SUCCESS or FAILURE, or nothing at all.
"""

import base64
import contextvars
import hashlib
import re
import threading
from dataclasses import asdict, dataclass
from typing import Any

from ministack.services import ec2, ssm

from . import clock, signals
from .services import logs

OUTCOMES = {"success": signals.SUCCESS, "failure": signals.FAILURE, "none": ""}


@dataclass
class Behaviour:
    """What machines of a resource ("" for any) do once they run; count is for how many, 0 for all that follow."""

    outcome: str = "success"
    delaySeconds: float = 0.0
    resource: str = ""
    count: int = 0

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome {self.outcome!r} is not allowed: it takes {', '.join(OUTCOMES)}")


LAST_WORDS = """kora: answer the health check
kora: failed to: answer the health check: no machine boots here, this one was told to fail"""
"""What stands in the place of the end of a failed machine's log."""

HEALTHY, UNHEALTHY, STARTING = "healthy", "unhealthy", "starting"

_lock = threading.Lock()
_states: dict[str, dict[str, Any]] = {}
"""By instance: how its boot ends, and when, by the clock."""
_behaviours: list[Behaviour] = []


def behave(behaviour: Behaviour) -> None:
    """Put it before all that was said earlier; one without a count replaces what was said of its resource."""
    with _lock:
        if not behaviour.count:
            _behaviours[:] = [b for b in _behaviours if b.resource != behaviour.resource]
        _behaviours.insert(0, behaviour)


def awaited() -> list[dict[str, Any]]:
    """What was said of a number of machines that have not started yet."""
    with _lock:
        return [asdict(behaviour) for behaviour in _behaviours if behaviour.count]


def _next(resource: str) -> Behaviour:
    with _lock:
        for behaviour in _behaviours:
            if behaviour.resource not in ("", resource):
                continue
            if behaviour.count:
                behaviour.count -= 1
                if not behaviour.count:
                    _behaviours.remove(behaviour)
            return behaviour
    return Behaviour()


def start(stack_id: str, logical_id: str, instance_id: str) -> float:
    """A machine of that resource starts. It reports after its delay, if it was to report at all; the delay in seconds."""
    behaviour = _next(logical_id)
    status = OUTCOMES[behaviour.outcome]
    with _lock:
        _states[instance_id] = {
            "outcome": behaviour.outcome,
            "until": clock.now() + behaviour.delaySeconds,
            "delay": behaviour.delaySeconds,
        }
    if status:
        _report(behaviour, status, stack_id, logical_id, instance_id)
    return behaviour.delaySeconds


def restart(instance_id: str) -> None:
    """A machine that was stopped boots again, which takes as long as the first time."""
    state = _states.get(instance_id)
    if state:
        state["until"] = clock.now() + float(state.get("delay", 0.0))


def health(instance_id: str) -> str:
    """What health checks find: STARTING until the delay is over, then HEALTHY, unless it was to fail or to hang."""
    state = _states.get(instance_id)
    if state is None:
        return HEALTHY
    if clock.now() < state["until"]:
        return STARTING
    return HEALTHY if state["outcome"] == "success" else UNHEALTHY


def end(instance_id: str, aside: bool) -> None:
    """A machine is terminated: aside says that no balancer led to it any more."""
    _states.setdefault(instance_id, {"outcome": "success", "until": 0.0})["aside"] = aside


def boots() -> dict[str, dict[str, Any]]:
    """What health checks find of each machine that was started, what it has proven to serve, and how it ended, by instance."""
    return {
        one: {"health": health(one), "serves": state.get("serves", ""), "aside": state.get("aside", False)}
        for one, state in list(_states.items())
    }


def _report(behaviour: Behaviour, status: str, stack_id: str, logical_id: str, instance_id: str) -> None:
    def tell() -> None:
        if status == signals.FAILURE:  # as boot.sh does, before it signals
            logs.write(stack_id, f"{instance_id}/failure", LAST_WORDS)
        else:  # which the CloudWatch agent ships
            prove(stack_id, instance_id)
        signals.deliver(stack_id, logical_id, instance_id, status)

    if not behaviour.delaySeconds:
        tell()
        return

    def report() -> None:
        clock.sleep(behaviour.delaySeconds)
        tell()

    context = contextvars.copy_context()  # of the account, in which its log group is
    threading.Thread(target=context.run, args=(report,), daemon=True, name=f"machine {instance_id}").start()


def prove(stack_id: str, instance_id: str) -> None:
    """The machine's log says at last which commit serves."""
    ref = _told(instance_id)
    if ref and not re.fullmatch("[0-9a-f]{40}", ref):
        ref = hashlib.sha1(ref.encode()).hexdigest()  # no git is asked here: the commit of a branch or tag is made up
    _states.setdefault(instance_id, {"outcome": "success", "until": 0.0})["serves"] = ref or "its image"
    logs.write(stack_id, f"{instance_id}/boot", f"kora: serves {ref or 'its image'}")


def _told(instance_id: str) -> str:
    """The revision that the settings name: a node's in its user data, a server's in the parameter that this leads to."""
    text = base64.b64decode(ec2._instances.get(instance_id, {}).get("UserData") or "").decode()
    name = re.search(r"^export NAME=(\S+)", text, re.MULTILINE)
    _, found = ssm._lookup_parameter(f"/{name[1]}/server") if name else ("", None)
    ref = re.search(r"(?:^|\s)GIT_REF='?([^'\s]*)", found["Value"] if found else text)
    return ref[1] if ref else ""


def reset() -> None:
    with _lock:
        _behaviours.clear()
        _states.clear()
