"""Requests as the emulator serves them to programs."""

from extension import faults, machines, operations
from ministack.services import cloudformation

from .support import Stack
from .test_deployment import DeploymentTest, thing
from .test_signals import waiting


class Late(DeploymentTest):
    """A program that looks once and then every five seconds finds short operations over."""

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(
            setattr, cloudformation, "handle_request", cloudformation.handle_request
        )
        operations.answer_late()

    def test_a_short_operation_is_over(self) -> None:
        for action in ("CreateStack", "DeleteStack"):
            stack = Stack("Kora")
            stack.request(
                action,
                TemplateBody='{"Resources": {"A": {"Type": "AWS::Test::Thing"}}}',
            )
            self.assertEqual(
                stack.status(), action.removesuffix("Stack").upper() + "_COMPLETE"
            )

    def test_a_long_one_goes_on(self) -> None:
        stack = Stack("Kora")
        machines.behave(machines.Behaviour("none"))
        stack.start({"A": waiting(), "B": thing()})
        self.assertEqual(stack.status(), "CREATE_IN_PROGRESS")
        stack.request(
            "SignalResource", LogicalResourceId="A", UniqueId="i-1", Status="SUCCESS"
        )
        self.assertEqual(stack.wait(), "CREATE_COMPLETE")


class Events(DeploymentTest):
    """What DescribeStackEvents tells (cloudformation/latest/APIReference/API_StackEvent.html)."""

    def told(self, stack: Stack, field: str) -> list[str]:
        """A field of each event, the oldest first."""
        return [
            one.findtext(field) or ""
            for one in stack.request("DescribeStackEvents").iter("member")
        ][::-1]

    def test_each_is_later_than_the_one_before(self) -> None:
        stack = Stack("Kora")
        stack.create({name: thing() for name in "ABCDEFGH"})
        times = self.told(stack, "Timestamp")
        self.assertEqual(times, sorted(set(times)))

    def test_a_rollback_and_the_next_update_are_operations_of_their_own(self) -> None:
        stack = Stack("Kora")
        stack.create({"A": thing()})
        for _ in range(2):
            faults.add(faults.Fault("create", "B", "before", 1))
            stack.update({"A": thing(), "B": thing()})
        operations_, statuses = (
            self.told(stack, "OperationId"),
            self.told(stack, "ResourceStatus"),
        )
        begun = [
            status
            for status, before, after in zip(
                statuses, ["", *operations_], operations_, strict=False
            )
            if before != after
        ]
        self.assertEqual(
            begun,
            [
                "CREATE_IN_PROGRESS",
                *2 * ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"],
            ],
        )
        self.assertEqual(len(set(operations_)), 5)
