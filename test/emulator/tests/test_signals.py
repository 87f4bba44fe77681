"""Waiting for signals: AWSCloudFormation/latest/UserGuide/aws-attribute-creationpolicy.html."""

import contextvars
import threading
from collections.abc import Callable
from typing import Any

from extension import clock, machines

from .support import Stack
from .test_deployment import DeploymentTest, Thing, _world, thing


def waiting(count: int = 1, timeout: str = "PT5M", **properties: Any) -> dict[str, Any]:
    return {
        **thing(**properties),
        "CreationPolicy": {"ResourceSignal": {"Count": count, "Timeout": timeout}},
    }


class Signals(DeploymentTest):
    def in_background(self, work: Callable[[], Any]) -> threading.Thread:
        thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
        thread.start()
        self.addCleanup(thread.join, 20)
        return thread

    def until(self, stack: Stack, event: str) -> None:
        """Wait until the stack says so."""
        while event not in stack.events():
            clock.sleep(0.001)

    def create(self, **policy: Any) -> tuple[Stack, threading.Thread]:
        stack = Stack("Kora")
        thread = self.in_background(lambda: stack.create({"A": waiting(**policy)}))
        self.until(stack, "A CREATE_IN_PROGRESS")
        return stack, thread

    def signal(self, stack: Stack, unique_id: str, status: str = "SUCCESS") -> None:
        stack.request(
            "SignalResource", LogicalResourceId="A", UniqueId=unique_id, Status=status
        )

    def test_waits_for_all(self) -> None:
        stack, thread = self.create(count=2)
        self.signal(stack, "i-1")
        self.signal(stack, "i-1")  # the same again does not count
        thread.join(0.1)
        self.assertEqual(stack.status(), "CREATE_IN_PROGRESS")
        self.signal(stack, "i-2")
        thread.join()
        self.assertEqual(stack.status(), "CREATE_COMPLETE")

    def test_a_failure_ends_it(self) -> None:
        stack, thread = self.create(count=2)
        self.signal(stack, "i-1", "FAILURE")
        thread.join()
        self.assertEqual(stack.status(), "ROLLBACK_COMPLETE")
        self.assertTrue(
            any(
                reason.startswith("Received 1 FAILURE signal(s) out of 2")
                for reason in stack.reasons()
            )
        )
        self.assertEqual(_world, {})

    def test_time_runs_out(self) -> None:
        stack, thread = self.create(timeout="PT1H")
        clock.skip(3599)
        thread.join(0.1)
        self.assertEqual(stack.status(), "CREATE_IN_PROGRESS")
        self.pass_time(thread, 3600)
        self.assertEqual(stack.status(), "ROLLBACK_COMPLETE")
        self.assertTrue(
            any(
                "Failed to receive 1 resource signal(s)" in reason
                for reason in stack.reasons()
            )
        )

    def test_refused_when_nobody_waits(self) -> None:
        stack = self.stack({"A": thing()})
        with self.assertRaisesRegex(
            Exception, "neither CREATE_IN_PROGRESS nor UPDATE_IN_PROGRESS"
        ):
            self.signal(stack, "i-1")

    def test_cancelled_during_a_wait(self) -> None:
        """APIReference/API_CancelUpdateStack.html: the update rolls back to the last configuration that was stable."""
        stack = self.stack({"B": thing()})
        thread = self.in_background(
            lambda: stack.update({"B": thing(), "A": waiting()})
        )
        self.until(stack, "A CREATE_IN_PROGRESS")
        stack.request("CancelUpdateStack")
        thread.join()
        self.assertEqual(stack.status(), "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(len(_world), 1)


class Machines(DeploymentTest):
    """The machines that do not boot report what they were told to."""

    def setUp(self) -> None:
        super().setUp()
        original = Thing.create

        def create(kind: Thing, place: Any, properties: Any) -> Any:
            made = original(kind, place, properties)
            machines.start(place.stack_id, place.logical_id, made[0])
            return made

        Thing.create = create  # type: ignore[method-assign,assignment]
        self.addCleanup(setattr, Thing, "create", original)

    def test_outcomes(self) -> None:
        for behaviour, status in (
            (machines.Behaviour("success", 0.01), "CREATE_COMPLETE"),
            (machines.Behaviour("failure", 0.01), "ROLLBACK_COMPLETE"),
            (machines.Behaviour("failure", resource="B"), "CREATE_COMPLETE"),
        ):
            with self.subTest(behaviour):
                self.setUp()
                machines.behave(behaviour)
                self.assertEqual(Stack("Kora").create({"A": waiting()}), status)

    def test_a_count_of_machines(self) -> None:
        machines.behave(machines.Behaviour("failure", count=1))
        self.assertEqual(Stack("Kora").create({"A": waiting()}), "ROLLBACK_COMPLETE")
        self.assertEqual(Stack("Other").create({"A": waiting()}), "CREATE_COMPLETE")
