"""Change sets that nobody executes, and the stack that the first of them makes."""

import json

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from .support import RequestError, Stack
from .test_deployment import DeploymentTest, thing


class ChangeSets(DeploymentTest):
    def setUp(self) -> None:
        super().setUp()
        self.stack_ = Stack("Kora")

    def make(self, name: str, kind: str = "CREATE") -> str:
        """The id of the stack that it is of."""
        template = json.dumps({"Resources": {"A": thing()}})
        made = self.stack_.request(
            "CreateChangeSet",
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateBody=template,
        )
        return made.findtext(".//StackId") or ""

    def refused(self, code: str, action: str, **params: str) -> None:
        with self.assertRaisesRegex(RequestError, code):
            self.stack_.request(action, **params)

    def names(self, **params: str) -> list[str]:
        told = self.stack_.request("ListChangeSets", **params)
        return [one.text or "" for one in told.iter("ChangeSetName")]

    def test_another_one_is_of_the_same_stack(self) -> None:
        """API_CreateChangeSet.html: the stack has an id already."""
        stack = self.make("first")
        self.assertEqual(self.make("second"), stack)
        self.assertEqual(self.names(), ["first", "second"])
        self.assertEqual(self.stack_.status(), "REVIEW_IN_PROGRESS")

    def test_it_leaves_its_stack_behind(self) -> None:
        self.make("first")
        self.stack_.request("DeleteChangeSet", ChangeSetName="first")
        self.assertEqual(self.stack_.status(), "REVIEW_IN_PROGRESS")
        self.assertEqual(self.names(), [])

    def test_they_are_known_by_the_stacks_id(self) -> None:
        stack = self.make("first")
        self.assertEqual(self.names(StackName=stack), ["first"])
        self.stack_.request("DescribeChangeSet", StackName=stack, ChangeSetName="first")
        self.stack_.delete()
        self.refused("ValidationError", "ListChangeSets", StackName=stack)

    def test_one_that_is_executed_is_not_deleted(self) -> None:
        """API_DeleteChangeSet.html, "Errors"."""
        self.make("first")
        (one,) = cloudformation._change_sets.values()
        one["ExecutionStatus"] = "EXECUTE_IN_PROGRESS"
        self.refused("InvalidChangeSetStatus", "DeleteChangeSet", ChangeSetName="first")

    def test_none_is_made_while_an_operation_goes_on(self) -> None:
        """ansible-collections/amazon.aws #1910."""
        self.stack_.create({"B": thing()})
        cloudformation._stacks["Kora"]["StackStatus"] = "UPDATE_IN_PROGRESS"
        with self.assertRaisesRegex(
            RequestError, "is in UPDATE_IN_PROGRESS state and can not be updated"
        ):
            self.make("first", "UPDATE")

    def test_each_has_its_own_events(self) -> None:
        """API_DescribeEvents.html, ChangeSetName."""
        for name in ("first", "second"):
            self.make(name)
        first, _ = cloudformation._change_sets.values()
        first["_operation_events"] = [
            stacks._operation_event("", "", "VALIDATION_ERROR")
        ]
        self.assertEqual(
            [self.events("first"), self.events("second")], [["VALIDATION_ERROR"], []]
        )

    def events(self, change_set: str) -> list[str]:
        told = self.stack_.request("DescribeEvents", ChangeSetName=change_set)
        return [one.text or "" for one in told.iter("EventType")]
