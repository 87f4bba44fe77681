"""Halts: operations that stand still for who looks at what users meet."""

import contextvars
import threading
from typing import Any

from extension import clock, halts, machines

from .support import Stack
from .test_deployment import DeploymentTest, thing

KIND = str(thing()["Type"])


class Halts(DeploymentTest):
    def tearDown(self) -> None:
        halts.reset()
        super().tearDown()

    def begin(self, stack: Stack, resources: dict[str, Any]) -> threading.Thread:
        thread = threading.Thread(
            target=contextvars.copy_context().run,
            args=(lambda: stack.create(resources),),
        )
        thread.start()
        self.addCleanup(thread.join, 20)
        return thread

    def test_each_operation_waits_for_who_looks(self) -> None:
        halts.choose([KIND])
        thread = self.begin(Stack("Kora"), {"A": thing(), "B": thing()})
        first = halts.after(0, 20)
        self.assertEqual(first["at"], "create A")
        self.assertTrue(thread.is_alive())
        second = halts.after(int(str(first["number"])), 20)
        self.assertEqual(second["at"], "create B")
        self.assertEqual(
            halts.after(int(str(second["number"])), 0.05), {"number": 0, "at": ""}
        )
        thread.join(20)
        self.assertFalse(thread.is_alive())

    def test_others_do_not_wait(self) -> None:
        halts.choose(["AWS::Another::Type"])
        thread = self.begin(Stack("Kora"), {"A": thing()})
        thread.join(20)
        self.assertFalse(thread.is_alive())

    def test_who_waits_goes_on_once_nobody_looks(self) -> None:
        halts.choose([KIND])
        thread = self.begin(Stack("Kora"), {"A": thing(), "B": thing()})
        halts.after(0, 20)
        halts.reset()
        thread.join(20)
        self.assertFalse(thread.is_alive())


class Boots(DeploymentTest):
    def test_a_machine_boots_once_more_when_it_was_stopped(self) -> None:
        machines.behave(machines.Behaviour("success", 60))
        machines.start("stack", "Server", "i-1")
        self.assertEqual(machines.boots()["i-1"]["health"], machines.STARTING)
        self.skip(60)
        self.assertEqual(machines.boots()["i-1"]["health"], machines.HEALTHY)
        machines.restart("i-1")
        self.assertEqual(machines.boots()["i-1"]["health"], machines.STARTING)
        machines.restart("i-2")  # which nobody has started
        self.assertNotIn("i-2", machines.boots())

    def skip(self, seconds: float) -> None:
        clock.skip(seconds)
        self.addCleanup(clock.reset)
