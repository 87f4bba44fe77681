"""Requests as the emulator serves them to programs."""

from extension import machines, operations
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
