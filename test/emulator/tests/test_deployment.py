"""The rules of CloudFormation that deployment.py claims, each with the page it comes from.

UPDATES: AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
CLEANUP, STATES: .../using-cfn-describing-stacks.html
DELETION: .../aws-attribute-deletionpolicy.html
REPLACEMENT: .../aws-attribute-updatereplacepolicy.html
"""

import itertools
from collections.abc import Iterator
from typing import Any

from extension import catalogue, contracts, faults
from extension.resources import Made, Place, Properties, ResourceType
from ministack.services.cloudformation import provisioners

from .support import EmulatorTest, RequestError, Stack

_world: dict[str, Properties] = {}
_serial = itertools.count(1)


class Thing(ResourceType):
    """A type that does nothing but be there: enough to see the order of things."""

    name = "AWS::Test::Thing"
    holds = frozenset({"Size", "Colour", "Name", "Of"})
    replaces = frozenset({"Colour"})
    physical_name = "Name"

    def taken(self, properties: Properties) -> bool:
        return properties.get("Name") in _world

    def create(self, place: Place, properties: Properties) -> Made:
        physical_id = properties.get("Name") or f"{place.logical_id}-{next(_serial)}"
        _world[physical_id] = dict(properties)
        return physical_id, {}

    def update(
        self, place: Place, physical_id: str, old: Properties, new: Properties
    ) -> Made:
        _world[physical_id] = dict(new)
        return physical_id, {}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        _world.pop(physical_id, None)


class ThingHandler(contracts.Handler):
    """Makes no call of AWS."""

    apart = Thing.holds

    def create(self, new: contracts.Wanted) -> Iterator[contracts.Call]:
        yield from ()

    def delete(
        self, it: contracts.It, old: contracts.Wanted
    ) -> Iterator[contracts.Call]:
        yield from ()


def thing(
    policy: str = "", depends: str = "", replace: str = "", **properties: Any
) -> dict[str, Any]:
    definition: dict[str, Any] = {"Type": Thing.name, "Properties": properties}
    for key, value in (
        ("DeletionPolicy", policy),
        ("DependsOn", depends),
        ("UpdateReplacePolicy", replace),
    ):
        if value:
            definition[key] = value
    return definition


class DeploymentTest(EmulatorTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        catalogue.TYPES[Thing.name] = Thing()
        contracts.HANDLERS[Thing.name] = ThingHandler()
        provisioners._RESOURCE_HANDLERS[Thing.name] = {}

    def setUp(self) -> None:
        super().setUp()
        _world.clear()

    def failing(self, operation: str, logical_id: str, when: str) -> None:
        faults.add(faults.Fault(operation, logical_id, when))


class Order(DeploymentTest):
    def test_creates_in_the_order_of_dependencies(self) -> None:
        stack = self.stack(
            {"A": thing(depends="B"), "B": thing(Of={"Ref": "C"}), "C": thing()}
        )
        made = [one for one in stack.events() if one.endswith("CREATE_COMPLETE")]
        self.assertEqual(
            made,
            [
                "C CREATE_COMPLETE",
                "B CREATE_COMPLETE",
                "A CREATE_COMPLETE",
                "Kora CREATE_COMPLETE",
            ],
        )

    def test_touches_only_what_changed(self) -> None:
        stack = self.stack({"A": thing(Size=1), "B": thing(Size=1)})
        stack.update({"A": thing(Size=1), "B": thing(Size=2)})
        self.assertEqual(
            stack.events(),
            [
                "Kora UPDATE_IN_PROGRESS",
                "B UPDATE_IN_PROGRESS",
                "B UPDATE_COMPLETE",
                "Kora UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                "Kora UPDATE_COMPLETE",
            ],
        )

    def test_removes_last_and_dependents_first(self) -> None:
        """CLEANUP: removed resources go once every create and update has succeeded."""
        stack = self.stack({"A": thing(), "B": thing(depends="A"), "C": thing(Size=1)})
        stack.update({"C": thing(Size=2), "D": thing()})
        self.assertEqual(
            stack.events(),
            [
                "Kora UPDATE_IN_PROGRESS",
                "C UPDATE_IN_PROGRESS",
                "C UPDATE_COMPLETE",
                "D CREATE_IN_PROGRESS",
                "D CREATE_IN_PROGRESS",
                "D CREATE_COMPLETE",
                "Kora UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                "B DELETE_IN_PROGRESS",
                "B DELETE_COMPLETE",
                "A DELETE_IN_PROGRESS",
                "A DELETE_COMPLETE",
                "Kora UPDATE_COMPLETE",
            ],
        )

    def test_replacement_comes_before_removal(self) -> None:
        """UPDATES, Replacement: the new resource is made first, what refers to it is changed, then the old one goes."""
        stack = self.stack({"A": thing(Colour="red"), "B": thing(Of={"Ref": "A"})})
        old = stack.physical("A")
        stack.update({"A": thing(Colour="blue"), "B": thing(Of={"Ref": "A"})})
        self.assertEqual(
            stack.events()[1:],
            [
                "A UPDATE_IN_PROGRESS",
                "A UPDATE_IN_PROGRESS",
                "A UPDATE_COMPLETE",
                "B UPDATE_IN_PROGRESS",
                "B UPDATE_COMPLETE",
                "Kora UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                "A DELETE_IN_PROGRESS",
                "A DELETE_COMPLETE",
                "Kora UPDATE_COMPLETE",
            ],
        )
        self.assertNotIn(old, _world)
        self.assertEqual(_world[stack.physical("B")]["Of"], stack.physical("A"))

    def test_a_named_resource_is_not_replaced(self) -> None:
        """UserGuide/troubleshooting.html and aws-properties-name.html: rename it first."""
        stack = self.stack({"A": thing(Name="one", Colour="red")})
        self.assertEqual(
            stack.update({"A": thing(Name="one", Colour="blue")}),
            "UPDATE_ROLLBACK_COMPLETE",
        )
        self.assertTrue(
            any(
                "custom-named resource requires replacing" in reason
                for reason in stack.reasons()
            )
        )
        self.assertEqual(_world, {"one": {"Name": "one", "Colour": "red"}})

    def test_nothing_to_do_is_an_error(self) -> None:
        stack = self.stack({"A": thing()})
        with self.assertRaisesRegex(RequestError, "No updates are to be performed"):
            stack.update({"A": thing()})


class Policies(DeploymentTest):
    def test_retained_resources_leave_the_stack_and_stay(self) -> None:
        """DELETION: Retain and RetainExceptOnCreate keep it when it leaves the template or the stack goes."""
        for policy in ("Retain", "RetainExceptOnCreate"):
            with self.subTest(policy):
                self.setUp()
                stack = self.stack({"A": thing(policy), "B": thing()})
                kept = stack.physical("A")
                stack.update({"B": thing()})
                self.assertIn("A DELETE_SKIPPED", stack.events())
                self.assertIn(kept, _world)

    def test_retained_resources_survive_the_stack(self) -> None:
        stack = self.stack({"A": thing("RetainExceptOnCreate"), "B": thing()})
        kept = stack.physical("A")
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")
        self.assertEqual(list(_world), [kept])

    def test_undone_creates(self) -> None:
        """DELETION: only Retain keeps what a failed operation made; RetainExceptOnCreate does not."""
        for policy, left in (("Retain", 1), ("RetainExceptOnCreate", 0), ("Delete", 0)):
            with self.subTest(policy):
                self.setUp()
                self.failing("create", "B", "before")
                stack = Stack("Kora")
                self.assertEqual(
                    stack.create({"A": thing(policy), "B": thing(depends="A")}),
                    "ROLLBACK_COMPLETE",
                )
                self.assertEqual(len(_world), left)

    def test_replaced_and_retained(self) -> None:
        """REPLACEMENT: the old one stays, outside the stack."""
        stack = self.stack({"A": thing(replace="Retain", Colour="red")})
        old = stack.physical("A")
        stack.update({"A": thing(replace="Retain", Colour="blue")})
        self.assertIn(old, _world)
        self.assertEqual(len(_world), 2)


class Failures(DeploymentTest):
    """STATES: a failed operation rolls back, and its clean-up never runs."""

    BEFORE = {"A": thing(Size=1), "Gone": thing(), "R": thing(Colour="red")}
    AFTER = {
        "A": thing(Size=2),
        "R": thing(Colour="blue"),
        "New": thing(depends="A"),
        "Last": thing(depends="New"),
    }

    def test_each_operation_undone(self) -> None:
        for operation, logical_id in (
            ("update", "A"),
            ("create", "R"),
            ("create", "New"),
            ("create", "Last"),
        ):
            for when in faults.MOMENTS:
                with self.subTest(operation=operation, of=logical_id, when=when):
                    self.setUp()
                    stack = self.stack(self.BEFORE)
                    world, ids = (
                        dict(_world),
                        {one: stack.physical(one) for one in self.BEFORE},
                    )
                    self.failing(operation, logical_id, when)
                    self.assertEqual(
                        stack.update(self.AFTER), "UPDATE_ROLLBACK_COMPLETE"
                    )
                    self.assertEqual(_world, world)
                    self.assertEqual(
                        {one: stack.physical(one) for one in self.BEFORE}, ids
                    )
                    self.assertNotIn("Gone DELETE_IN_PROGRESS", stack.events())
                    self.assertEqual(stack.update(self.AFTER), "UPDATE_COMPLETE")
                    self.assertEqual(len(_world), 4)

    def test_a_removal_is_tried_three_times_and_left(self) -> None:
        """aws-cloudformation/rain #187: the update succeeds, the resource stays behind."""
        stack = self.stack(self.BEFORE)
        gone = stack.physical("Gone")
        faults.add(faults.Fault("delete", "Gone", "before", 3))
        self.assertEqual(stack.update(self.AFTER), "UPDATE_COMPLETE")
        self.assertEqual(stack.events().count("Gone DELETE_FAILED"), 3)
        self.assertIn(gone, _world)

    def test_one_failed_removal_is_tried_again(self) -> None:
        for when in faults.MOMENTS:
            with self.subTest(when):
                self.setUp()
                stack = self.stack(self.BEFORE)
                self.failing("delete", "Gone", when)
                self.assertEqual(stack.update(self.AFTER), "UPDATE_COMPLETE")
                self.assertEqual(len(_world), 4)

    def test_a_delete_that_fails_stays_in_the_stack(self) -> None:
        """STATES, DELETE_FAILED: what was not deleted is still there for the next try."""
        stack = self.stack({"A": thing(), "B": thing()})
        faults.add(faults.Fault("delete", "A", "before", 3))
        self.assertEqual(stack.delete(), "DELETE_FAILED")
        self.assertEqual(len(_world), 1)
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")
        self.assertEqual(_world, {})

    def test_a_rollback_that_fails(self) -> None:
        """STATES, UPDATE_ROLLBACK_FAILED."""
        stack = self.stack(self.BEFORE)
        self.failing("create", "New", "before")
        original, failing = Thing.update, iter((False, True))

        def update(*args: Any) -> Made:
            if next(failing):
                raise RuntimeError("no way back")
            return original(*args)

        Thing.update = update  # type: ignore[method-assign,assignment]
        try:
            self.assertEqual(stack.update(self.AFTER), "UPDATE_ROLLBACK_FAILED")
        finally:
            Thing.update = original  # type: ignore[method-assign]

    def stuck(self) -> Stack:
        """A stack whose rollback has failed once, for its A."""
        stack = self.stack(self.BEFORE)
        self.failing("create", "New", "before")
        self.failing("revert", "A", "before")
        self.assertEqual(stack.update(self.AFTER), "UPDATE_ROLLBACK_FAILED")
        return stack

    def test_a_rollback_goes_on(self) -> None:
        """using-cfn-updating-stacks-continueupdaterollback.html"""
        stack = self.stuck()
        self.failing("revert", "A", "before")
        self.assertEqual(self.continued(stack), "UPDATE_ROLLBACK_FAILED")
        none = {"ResourcesToSkip": ""}  # as the command line sends it
        self.assertEqual(self.continued(stack, **none), "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(stack.update(self.AFTER), "UPDATE_COMPLETE")

    def test_a_rollback_goes_on_without_a_resource(self) -> None:
        """The same page, "Resources to skip": it stays as it is."""
        stack = self.stuck()
        self.failing("revert", "A", "before")
        skipped = {"ResourcesToSkip.member.1": "A"}
        self.assertEqual(self.continued(stack, **skipped), "UPDATE_ROLLBACK_COMPLETE")

    def test_a_rollback_that_is_not_stuck(self) -> None:
        """API_ContinueUpdateRollback.html: only of UPDATE_ROLLBACK_FAILED; what is not honoured is refused."""
        with self.assertRaisesRegex(RequestError, "cannot be called from current"):
            self.continued(self.stack(self.BEFORE))

    def test_what_a_rollback_does_not_honour(self) -> None:
        with self.assertRaisesRegex(RequestError, "does not hold ForceRollback"):
            self.continued(self.stuck(), ForceRollback="true")

    @staticmethod
    def continued(stack: Stack, **more: Any) -> str:
        stack.seen = len(stack.all_events())
        stack.request("ContinueUpdateRollback", **more)
        return stack.wait()


class Refusals(DeploymentTest):
    def test_unknown_type(self) -> None:
        with self.assertRaisesRegex(
            RequestError, "Unrecognized resource types: .AWS::Test::Other"
        ):
            self.stack({"A": {"Type": "AWS::Test::Other"}})
        with self.assertRaisesRegex(
            RequestError, "Unrecognized resource types: .AWS::SQS::Queue"
        ):
            self.stack({"A": {"Type": "AWS::SQS::Queue"}})

    def test_unknown_property(self) -> None:
        stack = Stack("Kora")
        self.assertEqual(
            stack.create({"A": thing(), "B": thing(depends="A", Shape="round")}),
            "ROLLBACK_COMPLETE",
        )
        self.assertIn(
            "the emulator does not hold Shape of AWS::Test::Thing", stack.reasons()
        )
        self.assertEqual(_world, {})

    def test_unknown_role(self) -> None:
        """APIReference/API_CreateStack.html, RoleARN: CloudFormation assumes it, so it must exist."""
        with self.assertRaisesRegex(RequestError, "is invalid or cannot be assumed"):
            Stack("Kora").create(
                {"A": thing()},
                RoleARN="arn:aws:iam::000000000000:role/cdk-hnb659fds-cfn-exec-role",
            )

    def test_no_rollback(self) -> None:
        with self.assertRaisesRegex(RequestError, "always rolls back"):
            Stack("Kora").create({"A": thing()}, DisableRollback="true")

    def test_what_it_would_only_pretend_to_honour(self) -> None:
        for name, value in (
            ("ImportExistingResources", "true"),
            ("StackPolicyBody", "{}"),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(RequestError, f"does not hold {name}"),
            ):
                Stack("Kora").create({"A": thing()}, **{name: value})
        stack = self.stack({"A": thing()})
        with self.assertRaisesRegex(RequestError, "does not hold RollbackStack"):
            stack.request("RollbackStack")
