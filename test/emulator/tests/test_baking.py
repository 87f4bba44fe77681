"""Images and snapshots that are made and taken away: API_CreateImage.html, API_CreateSnapshots.html, API_DeregisterImage.html."""

from typing import Any

from extension import clock, models
from ministack.services import ec2

from .world import WorldTest, ask, said, server

TAGS: dict[str, Any] = {
    "TagSpecification__1__ResourceType": "image",
    "TagSpecification__1__Tag__1__Key": "Name",
    "TagSpecification__1__Tag__1__Value": "kora-1",
    "TagSpecification__2__ResourceType": "snapshot",
    "TagSpecification__2__Tag__1__Key": "Name",
    "TagSpecification__2__Tag__1__Value": "kora-1",
}


class Baking(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        mapping = {"DeviceName": "/dev/sda1", "Ebs": {"DeleteOnTermination": False}}
        stack = self.made(server(BlockDeviceMappings=[mapping]))
        self.server = stack.physical("Server")

    def image(self, **more: Any) -> str:
        asked = {"InstanceId": self.server, "Name": "kora-1", "NoReboot": "true"}
        return said(ask("CreateImage", **{**asked, **more}), "imageId")

    def test_it_is_pending_and_then_there(self) -> None:
        """API_Image.html, State; no machine is launched from a pending one (errors-overview.html)."""
        models.choose(imageSeconds=100)
        image = self.image()
        launch = {"ImageId": [image], "InstanceType": ["t2.micro"]}
        self.assertEqual(
            said(ask("DescribeImages", ImageId__1=image), "imageState"), "pending"
        )
        self.answers("InvalidAMIID.Unavailable", "RunInstances", **launch)
        clock.skip(50)
        shown = ask("DescribeSnapshots", Owner__1="self")
        self.assertEqual(
            (said(shown, "status"), said(shown, "progress")[:1]), ("pending", "5")
        )
        clock.skip(51)
        shown = ask("DescribeSnapshots", Owner__1="self")
        self.assertEqual(
            (said(shown, "status"), said(shown, "progress")), ("completed", "100%")
        )
        self.assertEqual(
            said(ask("DescribeImages", ImageId__1=image), "imageState"), "available"
        )

    def test_it_can_fail(self) -> None:
        models.choose(imageOutcome="failed")
        shown = ask("DescribeImages", ImageId__1=self.image())
        self.assertEqual(
            (said(shown, "imageState"), said(shown, "stateReason/code")),
            ("failed", "Server.InternalError"),
        )

    def test_tags_are_given_with_it(self) -> None:
        """Of image and snapshots alone: "If you specify other values for ResourceType, the request fails"."""
        image = self.image(**TAGS)
        (snapshot,) = ec2._snapshots
        for one in (image, snapshot):
            self.assertEqual(ec2._tags[one], [{"Key": "Name", "Value": "kora-1"}])
        self.answers(
            "InvalidParameterValue",
            "CreateImage",
            **{
                "InstanceId": [self.server],
                "Name": ["kora-2"],
                "TagSpecification.1.ResourceType": ["volume"],
            },
        )

    def test_a_disk_outlives_its_machine_as_the_image_has_it(self) -> None:
        """The mapping of the image is the server's, and a launch's own wins (block-device-mapping-concepts.html)."""
        image = self.image()
        for more, ends in (
            ({}, "false"),
            (
                {
                    "BlockDeviceMapping__1__DeviceName": "/dev/sda1",
                    "BlockDeviceMapping__1__Ebs__DeleteOnTermination": "true",
                },
                "true",
            ),
        ):
            made = ask("RunInstances", ImageId=image, InstanceType="t2.micro", **more)
            shown = ask("DescribeInstances", InstanceId__1=said(made, "instanceId"))
            self.assertEqual(
                said(shown, "blockDeviceMapping/item/ebs/deleteOnTermination"), ends
            )

    def test_snapshots_of_every_volume(self) -> None:
        asked = {"InstanceSpecification__InstanceId": self.server}
        made = ask("CreateSnapshots", **asked)
        self.assertEqual(len(made.findall(".//snapshotSet/item")), 1)
        self.assertEqual(said(made, "state"), "completed")
        self.answers(
            "InvalidParameterCombination",
            "CreateSnapshots",
            **{
                "InstanceSpecification.InstanceId": [self.server],
                "InstanceSpecification.ExcludeBootVolume": ["true"],
            },
        )

    def test_a_snapshot_of_an_image_stays(self) -> None:
        """errors-overview.html, InvalidSnapshot.InUse; for a while after the image is gone too (boto #3019)."""
        image = self.image()
        (snapshot,) = ec2._snapshots
        delete = {"SnapshotId": [snapshot]}
        self.answers("InvalidSnapshot.InUse", "DeleteSnapshot", **delete)
        models.choose(snapshotsFreedSeconds=30)
        ask("DeregisterImage", ImageId=image)
        self.answers("InvalidSnapshot.InUse", "DeleteSnapshot", **delete)
        clock.skip(31)
        ask("DeleteSnapshot", SnapshotId=snapshot)
        self.answers("InvalidSnapshot.NotFound", "DeleteSnapshot", **delete)
        self.answers("InvalidAMIID.Unavailable", "DeregisterImage", ImageId=[image])
        self.answers(
            "InvalidAMIID.NotFound", "DescribeImages", **{"ImageId.1": [image]}
        )

    def test_an_image_goes_with_its_snapshots(self) -> None:
        """DeleteAssociatedSnapshots; one that another image has stays."""
        image = self.image()
        ask("DeregisterImage", ImageId=image, DeleteAssociatedSnapshots="true")
        self.assertEqual(len(ec2._snapshots), 0)
        image = self.image()
        (snapshot,) = ec2._snapshots
        ask(
            "RegisterImage",
            Name="other",
            BlockDeviceMapping__1__DeviceName="/dev/sda1",
            BlockDeviceMapping__1__Ebs__SnapshotId=snapshot,
        )
        gone = ask("DeregisterImage", ImageId=image, DeleteAssociatedSnapshots="true")
        self.assertEqual(
            (said(gone, "returnCode"), len(ec2._snapshots)), ("skipped", 1)
        )
