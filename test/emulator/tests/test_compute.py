"""Instances. What changes how: AWSCloudFormation/latest/UserGuide/aws-resource-ec2-instance.html; what fails: API_RunInstances."""

import base64
import time
from typing import Any

from extension import models
from extension.services import compute, quotas
from ministack.services import ec2

from .world import IMAGE, KEY, PARAMETER, Resources, WorldTest, ask, of, said, server


def script(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Launches(WorldTest):
    def test_all_of_it_is_described(self) -> None:
        """Each property is what Describe says."""
        mapping = {
            "DeviceName": "/dev/sda1",
            "Ebs": {
                "DeleteOnTermination": False,
                "Encrypted": True,
                "VolumeSize": 30,
                "VolumeType": "gp3",
            },
        }
        stack = self.made(
            server(
                BlockDeviceMappings=[mapping],
                MetadataOptions={"HttpTokens": "required"},
                UserData=script("echo"),
                Monitoring=True,
                CreditSpecification={"CPUCredits": "unlimited"},
                DisableApiTermination=True,
                Tags=[{"Key": "Name", "Value": "backend"}],
            )
        )
        server_id = stack.physical("Server")
        shown = ask("DescribeInstances", InstanceId__1=server_id).find(
            ".//instancesSet/item"
        )
        assert shown is not None
        for path, expected in (
            ("instanceType", "t2.micro"),
            ("keyName", KEY),
            ("subnetId", stack.physical("Subnet")),
            ("monitoring/state", "enabled"),
            ("groupSet/item/groupId", stack.physical("Group")),
            ("metadataOptions/httpTokens", "required"),
            ("rootDeviceName", "/dev/sda1"),
            ("placement/availabilityZone", "ap-south-1a"),
            ("architecture", "x86_64"),
            ("instanceState/name", "running"),
            ("blockDeviceMapping/item/ebs/deleteOnTermination", "false"),
            ("vpcId", stack.physical("Vpc")),
        ):
            with self.subTest(path):
                self.assertEqual(shown.findtext(path), expected)
        volume = ask(
            "DescribeVolumes",
            VolumeId__1=shown.findtext("blockDeviceMapping/item/ebs/volumeId"),
        )
        self.assertEqual(
            [said(volume, name) for name in ("size", "volumeType", "encrypted")],
            ["30", "gp3", "true"],
        )
        for attribute, value in (
            ("userData", script("echo")),
            ("disableApiTermination", "true"),
        ):
            self.assertEqual(
                said(
                    ask(
                        "DescribeInstanceAttribute",
                        InstanceId=server_id,
                        Attribute=attribute,
                    ),
                    f"{attribute}/value",
                ),
                value,
            )
        self.assertEqual(
            said(
                ask("DescribeInstanceCreditSpecifications", InstanceId__1=server_id),
                "cpuCredits",
            ),
            "unlimited",
        )

    CASES: tuple[tuple[str, dict[str, Any]], ...] = (
        ("InvalidAMIID.NotFound", {"ImageId": "ami-00000000000000000"}),
        ("InvalidAMIID.Malformed", {"ImageId": "image"}),
        ("InvalidKeyPair.NotFound", {"KeyName": "lost"}),
        ("InvalidSubnetID.NotFound", {"SubnetId": "subnet-0a"}),
        ("InvalidGroup.NotFound", {"SecurityGroupIds": ["sg-0a"]}),
        ("InvalidParameterValue", {"IamInstanceProfile": "none"}),
        ("InvalidParameterValue", {"InstanceType": "t2.enormous"}),
        ("InvalidParameterValue", {"InstanceType": "t4g.micro"}),
        ("InvalidParameterValue", {"UserData": script("x" * 16385)}),
        ("InvalidUserData.Malformed", {"UserData": "not base64"}),
        ("InvalidParameter", {"SecurityGroupIds": [ec2._DEFAULT_SG_ID]}),
        ("InvalidParameterValue", {"AvailabilityZone": "ap-south-1b"}),
    )

    def test_what_cannot_be_launched(self) -> None:
        for code, properties in self.CASES:
            with self.subTest(properties=str(properties)[:80]):
                self.setUp()
                self.refused(code, server(**properties))
                self.assertEqual(len(ec2._instances), 0)

    def test_a_type_that_the_zone_lacks(self) -> None:
        """AWSEC2/latest/UserGuide/troubleshooting-launch.html, "Instance type not supported in AZ"."""
        resources = server()
        resources["Subnet"]["Properties"]["AvailabilityZone"] = "ap-south-1c"
        self.refused("Unsupported", resources)

    def test_an_arm_image_takes_an_arm_type(self) -> None:
        resources = server(
            ImageId="{{resolve:ssm:" + PARAMETER.format("arm64") + "}}",
            InstanceType="t4g.micro",
        )
        self.assertEqual(
            ec2._instances[self.made(resources).physical("Server")]["Architecture"],
            "arm64",
        )

    def test_a_hand_launches_too(self) -> None:
        """API_RunInstances refuses the same."""
        self.answers(
            "InvalidAMIID.NotFound", "RunInstances", ImageId=["ami-00000000000000000"]
        )
        image = said(ask("DescribeImages", Owner__1="099720109477"), "imageId")
        made = ask(
            "RunInstances",
            ImageId=image,
            InstanceType="t2.micro",
            KeyName=KEY,
            TagSpecification__1__ResourceType="instance",
            TagSpecification__1__Tag__1__Key="Name",
            TagSpecification__1__Tag__1__Value="by-hand",
        )
        self.assertEqual(
            (said(made, "keyName"), said(made, "tagSet/item/value")), (KEY, "by-hand")
        )

    def test_it_signals(self) -> None:
        """aws-attribute-creationpolicy.html: with one, the machine reports."""
        resources = server()
        resources["Server"]["CreationPolicy"] = {
            "ResourceSignal": {"Count": 1, "Timeout": "PT5M"}
        }
        self.made(resources)


class Changes(WorldTest):
    def changed(self, **properties: Any) -> tuple[str, str, compute.Instance]:
        """The id before a change, the id after it, and the instance then."""
        stack = self.made(server())
        before = stack.physical("Server")
        self.updated(stack, server(**properties))
        return (
            before,
            stack.physical("Server"),
            ec2._instances[stack.physical("Server")],
        )

    def test_a_type_changes_in_place_and_restarts(self) -> None:
        """Update requires: Updates are supported in place for EBS-backed instances, which stop and start."""
        stack = self.made(server())
        before, address = (
            stack.physical("Server"),
            ec2._instances[stack.physical("Server")]["PublicIpAddress"],
        )
        private, launched = (
            ec2._instances[before]["PrivateIpAddress"],
            ec2._instances[before]["LaunchTime"],
        )
        time.sleep(0.002)
        self.updated(stack, server(InstanceType="t2.large"))
        instance = ec2._instances[stack.physical("Server")]
        self.assertEqual(
            (
                stack.physical("Server"),
                instance["InstanceType"],
                instance["PrivateIpAddress"],
            ),
            (before, "t2.large", private),
        )
        self.assertNotEqual(
            instance["PublicIpAddress"], address
        )  # AWSEC2/latest/UserGuide/Stop_Start.html: a new one
        self.assertGreater(
            instance["LaunchTime"], launched
        )  # AWSEC2/latest/APIReference/API_Instance.html

    def test_a_type_of_another_architecture_is_refused(self) -> None:
        """API_ModifyInstanceAttribute; the old type stands."""
        self.refused(
            "InvalidParameterValue", server(InstanceType="t4g.small"), server()
        )
        self.assertEqual(
            {one["InstanceType"] for one in ec2._instances.values()}, {"t2.micro"}
        )

    def test_what_changes_in_place(self) -> None:
        for name, properties, stored in (
            ("UserData", {"UserData": script("new")}, script("new")),
            ("Monitoring", {"Monitoring": True}, {"State": "enabled"}),
            ("DisableApiTermination", {"DisableApiTermination": True}, True),
            ("EbsOptimized", {"EbsOptimized": True}, True),
        ):
            with self.subTest(name):
                self.setUp()
                before, after, instance = self.changed(**properties)
                self.assertEqual((after, instance[name]), (before, stored))

    def test_what_replaces(self) -> None:
        for properties in (
            {"ImageId": "ami-0123456789abcdef0"},
            {"KeyName": "other"},
            {"PrivateIpAddress": "10.0.0.9"},
            {
                "BlockDeviceMappings": [
                    {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20}}
                ]
            },
        ):
            with self.subTest(properties=properties):
                self.setUp()
                ask("CreateKeyPair", KeyName="other")
                before, after, _ = self.changed(**properties)
                self.assertNotEqual(after, before)
                self.assertEqual(ec2._instances[before]["State"]["Name"], "terminated")

    def test_whether_a_volume_goes_changes_in_place(self) -> None:
        """BlockDeviceMappings: replacement, unless only DeleteOnTermination changes."""
        keep = {
            "DeviceName": "/dev/sda1",
            "Ebs": {"VolumeSize": 8, "DeleteOnTermination": False},
        }
        go = {
            "DeviceName": "/dev/sda1",
            "Ebs": {"VolumeSize": 8, "DeleteOnTermination": True},
        }
        stack = self.made(server(BlockDeviceMappings=[keep]))
        before = stack.physical("Server")
        self.updated(stack, server(BlockDeviceMappings=[go]))
        self.assertEqual(stack.physical("Server"), before)
        stack.delete()
        self.assertEqual(len(ec2._volumes), 0)

    def test_hands_change_a_stopped_one(self) -> None:
        """API_ModifyInstanceAttribute: IncorrectInstanceState unless it is stopped."""
        server_id = self.made(server()).physical("Server")
        change = {"InstanceId": [server_id], "InstanceType.Value": ["t2.small"]}
        self.answers("IncorrectInstanceState", "ModifyInstanceAttribute", **change)
        ask("StopInstances", InstanceId__1=server_id)
        ask(
            "ModifyInstanceAttribute",
            InstanceId=server_id,
            InstanceType__Value="t2.small",
        )
        self.assertEqual(ec2._instances[server_id]["InstanceType"], "t2.small")


class Ends(WorldTest):
    def kept(self) -> Resources:
        return server(
            BlockDeviceMappings=[
                {"DeviceName": "/dev/sda1", "Ebs": {"DeleteOnTermination": False}}
            ]
        )

    def test_a_volume_that_is_kept_outlives_it(self) -> None:
        """AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html."""
        self.assertEqual(self.made(self.kept()).delete(), "DELETE_COMPLETE")
        self.assertEqual(
            [(one["State"], one["Attachments"]) for one in ec2._volumes.values()],
            [("available", [])],
        )

    def test_another_goes_with_it(self) -> None:
        self.assertEqual(self.made(server()).delete(), "DELETE_COMPLETE")
        self.assertEqual(len(ec2._volumes), 0)

    def test_a_protected_one_stays(self) -> None:
        """API_TerminateInstances: OperationNotPermitted, through the API and through CloudFormation."""
        stack = self.made(server(DisableApiTermination=True))
        self.answers(
            "OperationNotPermitted",
            "TerminateInstances",
            **{"InstanceId.1": [stack.physical("Server")]},
        )
        self.assertEqual(stack.delete(), "DELETE_FAILED")
        ask(
            "ModifyInstanceAttribute",
            InstanceId=stack.physical("Server"),
            DisableApiTermination__Value="false",
        )
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")

    def test_who_asked_is_told(self) -> None:
        told: list[str] = []
        compute.ended.append(told.append)
        self.addCleanup(compute.ended.remove, told.append)
        stack = self.made(server())
        server_id = stack.physical("Server")
        stack.delete()
        self.assertEqual(told, [server_id])

    def test_one_that_is_gone_is_no_hindrance(self) -> None:
        stack = self.made(server())
        ask("TerminateInstances", InstanceId__1=stack.physical("Server"))
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")


class Templates(WorldTest):
    """aws-resource-ec2-launchtemplate.html."""

    def template(self, **data: Any) -> Resources:
        return {
            "Template": of(
                "EC2::LaunchTemplate",
                LaunchTemplateName="fleet",
                LaunchTemplateData={"ImageId": IMAGE, **data},
            )
        }

    def test_each_change_makes_a_version(self) -> None:
        stack = self.made(
            self.template(
                InstanceType="t2.micro", CreditSpecification={"CpuCredits": "unlimited"}
            )
        )
        first = stack.physical("Template")
        self.updated(stack, self.template(InstanceType="t2.small"))
        answer = ask("DescribeLaunchTemplateVersions", LaunchTemplateId=first)
        self.assertEqual(
            [
                one.findtext("launchTemplateData/instanceType")
                for one in answer.iter("item")
                if one.find("versionNumber") is not None
            ],
            ["t2.small", "t2.micro"],
        )
        self.assertEqual(said(answer, "creditSpecification/cpuCredits"), "unlimited")
        self.assertEqual(
            said(ask("DescribeLaunchTemplates"), "latestVersionNumber"), "2"
        )
        self.assertEqual(stack.physical("Template"), first)


class Images(WorldTest):
    def test_a_public_parameter_names_an_image(self) -> None:
        stack = self.made(server(ImageId=IMAGE))
        image = ec2._instances[stack.physical("Server")]["ImageId"]
        shown = ask("DescribeImages", ImageId__1=image)
        self.assertEqual(
            [
                said(shown, name)
                for name in (
                    "imageId",
                    "architecture",
                    "rootDeviceName",
                    "imageOwnerId",
                )
            ],
            [image, "x86_64", "/dev/sda1", "099720109477"],
        )

    def test_a_server_becomes_one(self) -> None:
        """API_CreateImage.html: with a snapshot of its disk; it launches, and its name is taken."""
        stack = self.made(server())
        asked = {
            "InstanceId": stack.physical("Server"),
            "Name": "kora-1",
            "NoReboot": "true",
        }
        image = said(ask("CreateImage", **asked), "imageId")
        shown = ask("DescribeImages", ImageId__1=image)
        self.assertEqual(
            (said(shown, "architecture"), said(shown, "rootDeviceName")),
            ("x86_64", "/dev/sda1"),
        )
        (snapshot,) = ec2._snapshots.values()
        self.assertEqual(snapshot["VolumeId"], said(ask("DescribeVolumes"), "volumeId"))
        self.answers(
            "InvalidAMIName.Duplicate",
            "CreateImage",
            **{name: [value] for name, value in asked.items()},
        )
        self.answers(
            "InvalidInstanceID.NotFound",
            "CreateImage",
            InstanceId=["i-0"],
            Name=["kora-2"],
        )
        self.updated(stack, server(ImageId=image))

    def test_types_tell_their_architecture(self) -> None:
        """API_DescribeInstanceTypes."""
        self.assertEqual(
            said(
                ask("DescribeInstanceTypes", InstanceType__1="t4g.small"),
                "supportedArchitectures/item",
            ),
            "arm64",
        )
        self.answers(
            "InvalidParameterValue",
            "DescribeInstanceTypes",
            **{"InstanceType.1": ["t9.small"]},
        )


class Processors(WorldTest):
    """AWSEC2/latest/UserGuide/cpu-options-supported-instances-values.html"""

    def test_an_instance_tells_its_cores_and_their_threads(self) -> None:
        for instance_type, cores, threads in (
            ("t2.micro", "1", "1"),
            ("t2.medium", "2", "1"),
            ("t3.micro", "1", "2"),
            ("m5.xlarge", "2", "2"),
        ):
            made = ask(
                "RunInstances",
                ImageId="ami-0123456789abcdef0",
                InstanceType=instance_type,
            )
            self.assertEqual(
                (said(made, "coreCount"), said(made, "threadsPerCore")),
                (cores, threads),
            )


class ImagesOfTheAccount(WorldTest):
    """AWSEC2/latest/UserGuide/ami-boot.html; API_RegisterImage.html; API_EnableImageDeprecation.html."""

    def test_an_image_keeps_how_it_starts(self) -> None:
        image = said(
            ask(
                "RegisterImage",
                Name="ours",
                Architecture="x86_64",
                BootMode="uefi",
                EnaSupport="true",
            ),
            "imageId",
        )
        ask("EnableImageDeprecation", ImageId=image, DeprecateAt="2026-01-01T00:00:00Z")
        shown = ask("DescribeImages", ImageId__1=image)
        self.assertEqual(
            [said(shown, one) for one in ("bootMode", "enaSupport", "deprecationTime")],
            ["uefi", "true", "2026-01-01T00:00:00Z"],
        )
        self.answers(
            "InvalidParameterValue",
            "RunInstances",
            ImageId=[image],
            InstanceType=["t2.micro"],
        )
        ask("RunInstances", ImageId=image, InstanceType="t3.micro")

    def test_one_that_says_nothing_has_no_driver(self) -> None:
        image = said(
            ask("RegisterImage", Name="ours", Architecture="x86_64"), "imageId"
        )
        self.assertEqual(
            said(ask("DescribeImages", ImageId__1=image), "enaSupport"), ""
        )
        self.assertEqual(
            said(
                ask("DescribeImages", ImageId__1="ami-0123456789abcdef0"), "enaSupport"
            ),
            "true",
        )


class Quota(WorldTest):
    """AWSEC2/latest/UserGuide/ec2-on-demand-instances.html: vCPUs of running instances; a new account has five."""

    def test_a_launch_over_it_is_refused(self) -> None:
        """errors-overview.html, VcpuLimitExceeded: by hand and in a stack; what is stopped does not count."""
        models.choose(quotas={quotas.VCPUS: 2})
        first = said(
            ask(
                "RunInstances", ImageId="ami-0123456789abcdef0", InstanceType="t2.micro"
            ),
            "instanceId",
        )
        self.answers(
            "VcpuLimitExceeded",
            "RunInstances",
            ImageId=["ami-0123456789abcdef0"],
            InstanceType=["t3.micro"],
        )
        self.refused("VcpuLimitExceeded", server(InstanceType="t2.medium"))
        ask("StopInstances", InstanceId__1=first)
        self.made(server(InstanceType="t2.medium"), name="Other")
        self.answers("VcpuLimitExceeded", "StartInstances", **{"InstanceId.1": [first]})

    def test_a_server_that_grows_over_it_runs_again_as_it_was(self) -> None:
        """API_StartInstances counts too: the change of type stops it, cannot start it, and is rolled back."""
        stack = self.made(server())
        models.choose(quotas={quotas.VCPUS: 1})
        self.assertEqual(
            stack.update(server(InstanceType="t2.medium")), "UPDATE_ROLLBACK_COMPLETE"
        )
        instance = ec2._instances[stack.physical("Server")]
        self.assertEqual(
            (instance["InstanceType"], instance["State"]["Name"]),
            ("t2.micro", "running"),
        )
