"""Addresses that are held already, and associations that are replaced: in every model of what nobody has published.

AWS::EC2::EIPAssociation over an address that is associated: aws/aws-cdk issue 26423 saw it refused, with the same instance; of
another holder nobody has said anything. The registry's schema: every property create-only, replacementStrategy
delete_then_create.
"""

import itertools

from extension import faults, models
from ministack.services import ec2

from .support import Stack
from .test_addresses import addressed
from .test_early import prepared
from .world import Resources, WorldTest, ask, of, ref, said, server, without


def holder(address: str) -> str:
    return said(ask("DescribeAddresses", PublicIp__1=address), "instanceId")


def by_hand() -> tuple[str, str, str]:
    """An address that an instance holds which no stack made: allocation, address, instance."""
    address = ask("AllocateAddress")
    other = said(
        ask("RunInstances", ImageId="ami-0123456789abcdef0", InstanceType="t2.micro"),
        "instanceId",
    )
    ask(
        "AssociateAddress", AllocationId=said(address, "allocationId"), InstanceId=other
    )
    return said(address, "allocationId"), said(address, "publicIp"), other


def taking(allocation: str) -> Resources:
    return {
        **server(),
        "Hold": of(
            "EC2::EIPAssociation", AllocationId=allocation, InstanceId=ref("Server")
        ),
    }


class Held(WorldTest):
    def test_a_create_refuses(self) -> None:
        allocation, address, other = by_hand()
        stack = Stack("Kora")
        self.assertEqual(stack.create(taking(allocation)), "ROLLBACK_COMPLETE")
        self.assertIn(
            f"Resource of type 'AWS::EC2::EIPAssociation' with identifier '{allocation}' already exists.",
            " ".join(stack.reasons()),
        )
        self.assertEqual(holder(address), other)

    def test_the_same_holder_is_no_excuse(self) -> None:
        stack = self.made(without(addressed(), "Hold"))
        ask(
            "AssociateAddress",
            AllocationId=said(ask("DescribeAddresses"), "allocationId"),
            InstanceId=stack.physical("Server"),
        )
        self.assertEqual(stack.update(addressed()), "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(holder(stack.physical("Address")), stack.physical("Server"))

    def test_a_change_set_may_say_so(self) -> None:
        """Its identifier is read-only in the schema, so that early validation may not see it: both are played."""
        allocation, _, _ = by_hand()
        for model, status in (
            (models.REFUSE, "CREATE_COMPLETE"),
            (models.FORESEE, "FAILED"),
            (models.MOVE, "CREATE_COMPLETE"),
        ):
            models.choose(heldAddress=model)
            self.assertEqual(
                prepared(Stack(model), taking(allocation), ChangeSetType="CREATE")[0],
                status,
            )

    def test_prepared_then_freed_then_executed(self) -> None:
        """Executing does not validate again; the create looks at what is by then."""
        allocation, address, _ = by_hand()
        stack = Stack("Kora")
        prepared(stack, taking(allocation), ChangeSetType="CREATE")
        ask(
            "DisassociateAddress",
            AssociationId=said(ask("DescribeAddresses"), "associationId"),
        )
        stack.request("ExecuteChangeSet", ChangeSetName="next")
        self.assertEqual(stack.wait(), "CREATE_COMPLETE")
        self.assertEqual(holder(address), stack.physical("Server"))

    def test_it_may_move(self) -> None:
        """As API_AssociateAddress does, if the handler calls nothing else; a rollback then leaves it on nobody."""
        allocation, address, _ = by_hand()
        models.choose(heldAddress=models.MOVE)
        faults.add(faults.Fault("create", "Hold", "after"))
        self.assertEqual(
            Stack("Failing").create(taking(allocation)), "ROLLBACK_COMPLETE"
        )
        self.assertEqual(holder(address), "")
        stack = self.made(taking(allocation))
        self.assertEqual(holder(address), stack.physical("Server"))


class Replaced(WorldTest):
    @staticmethod
    def another(**attributes: str) -> Resources:
        """A server of another image takes the place of the first."""
        resources = addressed()
        resources["Server"]["Properties"]["ImageId"] = "ami-0123456789abcdef0"
        resources["Server"].update(attributes)
        return resources

    def test_the_old_association_goes_first(self) -> None:
        for model, kept in itertools.product(
            (models.REFUSE, models.FORESEE, models.MOVE), (False, True)
        ):
            with self.subTest(f"{model}, {kept}"):
                self.setUp()
                models.choose(heldAddress=model)
                stack = self.made(addressed())
                first = stack.physical("Server")
                self.updated(
                    stack,
                    self.another(**({"UpdateReplacePolicy": "Retain"} if kept else {})),
                )
                end = (
                    ["Server DELETE_SKIPPED"]
                    if kept
                    else ["Server DELETE_IN_PROGRESS", "Server DELETE_COMPLETE"]
                )
                self.assertEqual(
                    [
                        one
                        for one in stack.events()
                        if one.startswith(("Hold", "Server"))
                    ],
                    [
                        "Server UPDATE_IN_PROGRESS",
                        "Server UPDATE_IN_PROGRESS",
                        "Server UPDATE_COMPLETE",
                        "Hold UPDATE_IN_PROGRESS",
                        "Hold DELETE_IN_PROGRESS",
                        "Hold DELETE_COMPLETE",
                        "Hold UPDATE_IN_PROGRESS",
                        "Hold UPDATE_COMPLETE",
                        *end,
                    ],
                )
                self.assertEqual(
                    holder(stack.physical("Address")), stack.physical("Server")
                )
                self.assertEqual(
                    ec2._instances[first]["State"]["Name"],
                    "running" if kept else "terminated",
                )

    def test_its_rollback(self) -> None:
        """What a rollback makes of an association that it deleted first, no page says: both are played."""
        for model, when in itertools.product(
            (models.LOSE, models.RESTORE), ("before", "after")
        ):
            with self.subTest(f"{model}, {when}"):
                self.setUp()
                models.choose(associationRollback=model)
                stack = self.made(addressed())
                first = stack.physical("Server")
                faults.add(faults.Fault("create", "Hold", when))
                self.assertEqual(
                    stack.update(self.another()), "UPDATE_ROLLBACK_COMPLETE"
                )
                self.assertEqual(
                    stack.events().count("Hold DELETE_COMPLETE"),
                    1 if when == "before" else 2,
                    "the old one, the new one",
                )
                self.assertEqual(
                    holder(stack.physical("Address")),
                    first if model == models.RESTORE else "",
                )
                self.assertEqual(
                    (stack.physical("Server"), ec2._instances[first]["State"]["Name"]),
                    (first, "running"),
                )
                self.updated(stack, self.another())
                self.assertEqual(
                    holder(stack.physical("Address")), stack.physical("Server")
                )

    def test_what_cannot_be_deleted_is_not_replaced(self) -> None:
        stack = self.made(addressed())
        first = stack.physical("Server")
        faults.add(faults.Fault("delete", "Hold"))
        self.assertEqual(stack.update(self.another()), "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(holder(stack.physical("Address")), first)

    def test_one_that_is_to_stay_is_in_the_way(self) -> None:
        """aws-attribute-updatereplacepolicy.html: Retain keeps the old one, which then holds what the new one wants."""
        stack = self.made(addressed())
        resources = self.another()
        resources["Hold"]["UpdateReplacePolicy"] = "Retain"
        self.assertEqual(stack.update(resources), "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn("already exists", " ".join(stack.reasons()))
