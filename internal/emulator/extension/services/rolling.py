"""Rolling updates of a group: new instances in batches, old ones out only when the new ones are through.

The rules are those of AWSCloudFormation/latest/UserGuide (now TemplateReference)/aws-attribute-updatepolicy.html,
"AutoScalingRollingUpdate". That page does not give the order of steps nor the events: both follow stack events that
others published (crewjam/etcd-aws, a CloudFormation workshop's exercise 1b, guardian/testing-asg-rolling-update).
"""

import math
from dataclasses import dataclass, field
from typing import Any

from .. import clock, signals
from ..contracts.predicates import seconds
from ..resources import Place
from . import fleet

ADDED = " when new instances are added to the autoscaling group."


@dataclass(frozen=True)
class Policy:
    """An AutoScalingRollingUpdate with its defaults."""

    batch: int
    keep: int
    percent: int
    pause: str
    waits: bool
    suspends: tuple[str, ...]


def policy(definition: dict[str, Any]) -> Policy | None:
    """The rolling update that a template asks for. Other update policies are refused: the emulator does not hold them."""
    wanted = definition.get("UpdatePolicy") or {}
    others = sorted(set(wanted) - {"AutoScalingRollingUpdate"})
    if others:
        raise ValueError(f"the emulator does not hold {', '.join(others)} of UpdatePolicy")
    roll = wanted.get("AutoScalingRollingUpdate")
    if roll is None:
        return None
    unknown = sorted(
        set(roll)
        - {
            "MaxBatchSize",
            "MinInstancesInService",
            "MinSuccessfulInstancesPercent",
            "PauseTime",
            "SuspendProcesses",
            "WaitOnResourceSignals",
        }
    )
    if unknown:
        raise ValueError(f"the emulator does not hold {', '.join(unknown)} of AutoScalingRollingUpdate")
    waits = str(roll.get("WaitOnResourceSignals", False)).lower() == "true"
    return Policy(
        int(roll.get("MaxBatchSize", 1)),
        int(roll.get("MinInstancesInService", 0)),
        int(roll.get("MinSuccessfulInstancesPercent", 100)),
        roll.get("PauseTime", "PT5M" if waits else "PT0S"),
        waits,
        tuple(roll.get("SuspendProcesses") or ()),
    )


def check(asked: Policy, group: fleet.Group) -> None:
    """The page on MinInstancesInService: "must be less than the MaxSize of the Auto Scaling group"."""
    if asked.keep >= group["MaxSize"]:
        raise ValueError("MinInstancesInService must be less than the autoscaling group's MaxSize")


def roll(group: fleet.Group, asked: Policy, place: Place) -> None:
    """Replace the obsolete instances. Raises signals.Unsatisfied when too few of the new ones report success."""
    old = [one["InstanceId"] for one in fleet.obsolete(group)]
    if not old:
        return
    suspended = [one for one in asked.suspends if one not in group["SuspendedProcesses"]]
    group["SuspendedProcesses"] += suspended
    try:
        Roll(group, asked, place, old).run()
    finally:
        group["SuspendedProcesses"] = [one for one in group["SuspendedProcesses"] if one not in suspended]
    fleet.settle(group)


@dataclass
class Roll:
    """One roll: old are the instances that go."""

    group: fleet.Group
    asked: Policy
    place: Place
    old: list[str]
    statuses: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.total, self.least, self.desired = len(self.old), self.group["MinSize"], self.group["DesiredCapacity"]
        self.batch = max(1, min(self.total, self.asked.batch, self.group["MaxSize"] - self.asked.keep))

    def run(self) -> None:
        """Grow by what the batch needs, then terminate and replace batch after batch."""
        self._tell(self._begins())
        self._grow()
        gone = 0
        while gone < self.total:
            leaving = self.old[gone : gone + self.batch]
            gone += len(leaving)
            self._replace(leaving, gone)

    def _begins(self) -> str:
        keep = f", while keeping at least {self.asked.keep} instance(s) in service" if self.asked.keep else ""
        wait = ""
        if self.asked.waits:
            wait = f" Waiting on resource signals with a timeout of {self.asked.pause}{ADDED}"
        elif seconds(self.asked.pause):
            wait = f" Pausing for {self.asked.pause}{ADDED}"
        return f"Rolling update initiated. Terminating {self.total} obsolete instance(s) in batches of {self.batch}{keep}.{wait}"

    def _grow(self) -> None:
        """Make room for a batch above what must stay in service.

        guardian/testing-asg-rolling-update saw no such change in a group that was at its MaxSize already.
        """
        size = min(self.group["MaxSize"], max(self.desired, self.asked.keep + self.batch))
        if self.desired < self.group["MaxSize"]:
            self._tell(f"Temporarily setting autoscaling group MinSize and DesiredCapacity to {size}.")
            self.group["MinSize"] = size
            self._launch(size)

    def _replace(self, leaving: list[str], gone: int) -> None:
        last = gone == self.total
        rest = len(self.group["Instances"]) - len(leaving)
        wanted = max(self.desired, rest) if last else rest + len(leaving)
        self._tell(f"Terminating instance(s) [{','.join(leaving)}]; replacing with {wanted - rest} new instance(s).")
        fleet.terminate(self.group, leaving, "a user request caused the termination of an instance.")
        self.place.halt("terminate nodes of")
        self._tell(
            f"Successfully terminated instance(s) [{','.join(leaving)}] (Progress {math.floor(100 * gone / self.total + 0.5)}%)."
        )
        if last:
            self.group["MinSize"] = self.least
        self._launch(self.desired if last else wanted)

    def _launch(self, size: int) -> None:
        """Bring the group to a size, and wait for what is new."""
        box = signals.box(self.place.stack_id, self.place.logical_id)
        before = len(box.received)
        self.group["DesiredCapacity"] = size
        new = fleet.settle(
            self.group,
            f"a user request update of AutoScalingGroup constraints to min: {self.group['MinSize']}, "
            f"max: {self.group['MaxSize']}, desired: {size}.",
        )
        self.place.halt("launch nodes of")
        awaited = len(new) + max(0, size - len(self.group["Instances"]))  # what could not be launched does not signal
        if awaited and self.asked.waits:
            self._tell(
                f"New instance(s) added to autoscaling group - Waiting on {awaited} resource signal(s) with a timeout of "
                f"{self.asked.pause}."
            )
            self._await(box, before, awaited)
        elif awaited:
            self._pause()

    def _await(self, box: signals.Mailbox, before: int, count: int) -> None:
        self.statuses += judged(
            signals.gather(box, before, count, seconds(self.asked.pause), self.place.watch("UPDATE_IN_PROGRESS")),
            count,
            self._tell,
        )
        satisfy(self.statuses, self.total, self.asked.percent)

    def _pause(self) -> None:
        until = clock.now() + seconds(self.asked.pause)
        while clock.now() < until:
            if self.place.cancelled():
                raise signals.Cancelled
            clock.sleep(min(0.02, until - clock.now()))

    def _tell(self, line: str) -> None:
        self.place.tell("UPDATE_IN_PROGRESS", line)


TIMED_OUT = "TIMED OUT"


def judged(statuses: list[str], count: int, tell: Any) -> list[str]:
    """A batch's signals; what did not come counts as a failure, and CloudFormation says so."""
    missing = count - len(statuses)
    if missing:
        tell(
            f"Failed to receive {missing} resource signal(s) for the current batch.  Each resource signal timeout is counted as "
            "a FAILURE."
        )
    return statuses + missing * [TIMED_OUT]


def satisfy(statuses: list[str], total: int, percent: int) -> None:
    """Raise unless percent, a whole number, of `total` can still be a success."""
    failed = sum(one != signals.SUCCESS for one in statuses)
    if failed <= total - math.ceil(total * percent / 100):
        return
    said = statuses.count(signals.FAILURE)
    what = f"{said} FAILURE" if said else f"{statuses.count(signals.SUCCESS)} SUCCESS"
    raise signals.Unsatisfied(
        f"Received {what} signal(s) out of {total}.  Unable to satisfy {percent}% MinSuccessfulInstancesPercent requirement"
    )
