"""Private ways to AWS's services: API_CreateVpcEndpoint.html, API_DescribeVpcEndpoints.html; and how copies of machines boot and end."""

import ipaddress
import time
from typing import Any

from extension import clock, commands, models
from ministack.services import ec2

from .world import WorldTest, ask, of, ref, said, server

SERVICE = "com.amazonaws.ap-south-1.ssm"


class Endpoints(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        self.own = self.made(server())
        self.vpc = self.own.physical("Vpc")

    def endpoint(self, **more: Any) -> str:
        asked = {
            "VpcEndpointType": "Interface",
            "ServiceName": SERVICE,
            "VpcId": self.vpc,
        }
        asked["SubnetId__1"] = self.own.physical("Subnet")
        return said(ask("CreateVpcEndpoint", **{**asked, **more}), "vpcEndpointId")

    def test_one_with_an_interface_has_an_address_in_its_subnet(self) -> None:
        self.endpoint()
        shown = ask(
            "DescribeVpcEndpoints",
            Filter__1__Name="vpc-id",
            Filter__1__Value__1=self.vpc,
        )
        self.assertEqual(
            [
                said(shown, one)
                for one in (
                    "serviceName",
                    "state",
                    "vpcEndpointType",
                    "privateDnsEnabled",
                )
            ],
            [SERVICE, "available", "Interface", "true"],
        )
        interface = said(shown, "networkInterfaceIdSet/item")
        address = said(
            ask("DescribeNetworkInterfaces", NetworkInterfaceId__1=interface),
            "privateIpAddress",
        )
        self.assertIn(
            ipaddress.ip_address(address), ipaddress.ip_network("10.0.0.0/20")
        )
        default = said(shown, "groupSet/item/groupId")
        self.assertEqual(ec2._security_groups[default]["GroupName"], "default")

    def test_filters_are_kept(self) -> None:
        """One that is not held is refused, not passed over."""
        self.endpoint()
        shown = ask(
            "DescribeVpcEndpoints",
            Filter__1__Name="vpc-id",
            Filter__1__Value__1="vpc-other",
        )
        self.assertEqual(said(shown, "vpcEndpointId"), "")
        self.answers(
            "InvalidParameterValue",
            "DescribeVpcEndpoints",
            **{"Filter.1.Name": ["colour"], "Filter.1.Value.1": ["red"]},
        )

    def test_what_does_not_fit(self) -> None:
        asked = {
            "VpcEndpointType": ["Interface"],
            "ServiceName": [SERVICE],
            "VpcId": [self.vpc],
        }
        for code, more in (
            ("InvalidVpcID.NotFound", {"VpcId": ["vpc-0a"]}),
            ("InvalidSubnetID.NotFound", {"SubnetId.1": ["subnet-0a"]}),
            ("InvalidGroup.NotFound", {"SecurityGroupId.1": ["sg-0a"]}),
            ("InvalidParameter", {"SubnetId.1": [ec2._DEFAULT_SUBNET_ID]}),
        ):
            self.answers(code, "CreateVpcEndpoint", **{**asked, **more})

    def test_a_group_of_one_stays(self) -> None:
        """API_DeleteSecurityGroup.html: it is in use."""
        group = self.own.physical("Group")
        self.endpoint(SecurityGroupId__1=group)
        ask("TerminateInstances", InstanceId__1=self.own.physical("Server"))
        self.answers("DependencyViolation", "DeleteSecurityGroup", GroupId=[group])


class Copies(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        role = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ec2.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        stack = self.made(
            {
                **server(IamInstanceProfile=ref("Profile")),
                "Role": of("IAM::Role", AssumeRolePolicyDocument=role),
                "Profile": of("IAM::InstanceProfile", Roles=[ref("Role")]),
            }
        )
        self.profile = stack.physical("Profile")
        made = ask(
            "CreateImage",
            InstanceId=stack.physical("Server"),
            Name="kora-1",
            NoReboot="true",
        )
        self.image = said(made, "imageId")
        self.server = stack.physical("Server")

    def copy(self, **more: Any) -> str:
        asked = {
            "ImageId": self.image,
            "InstanceType": "t2.micro",
            "IamInstanceProfile.Name": self.profile,
        }
        return said(ask("RunInstances", **{**asked, **more}), "instanceId")

    def test_its_agent_may_not_answer(self) -> None:
        """The server's, which is made of no image of the account's, answers all the same."""
        copy = self.copy()
        self.assertTrue(commands._managed(copy))
        for boots, status, host in (
            ("silent", "ok", "ok"),
            ("impaired", "impaired", "ok"),
            ("host", "impaired", "impaired"),
        ):
            models.choose(copyBoots=boots)
            self.assertEqual(
                [commands._managed(one) for one in (copy, self.server)], [False, True]
            )
            for instance, expected in (
                (copy, (status, host)),
                (self.server, ("ok", "ok")),
            ):
                shown = ask("DescribeInstanceStatus", InstanceId__1=instance)
                checks = tuple(
                    said(shown, f"{one}Status/status") for one in ("instance", "system")
                )
                self.assertEqual(checks, expected)

    def test_it_is_launched_once_by_a_token(self) -> None:
        """ec2/latest/devguide/ec2-api-idempotency.html."""
        self.assertEqual(self.copy(ClientToken="a"), self.copy(ClientToken="a"))
        self.assertNotEqual(self.copy(ClientToken="a"), self.copy(ClientToken="b"))

    def test_its_disks_get_tags_too(self) -> None:
        copy = self.copy(
            TagSpecification__1__ResourceType="volume",
            TagSpecification__1__Tag__1__Key="Name",
            TagSpecification__1__Tag__1__Value="copy",
        )
        disk = ec2._instances[copy]["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        self.assertEqual((ec2._tags[disk][0]["Value"], ec2._tags[copy]), ("copy", []))

    def test_it_takes_time_to_end(self) -> None:
        """ec2-instance-lifecycle.html: shutting-down, and then terminated; until then its group is in use."""
        group = said(
            ask(
                "CreateSecurityGroup",
                GroupName="own",
                GroupDescription="own",
                VpcId=ec2._DEFAULT_VPC_ID,
            ),
            "groupId",
        )
        copy = self.copy(**{"SecurityGroupId.1": group})
        models.choose(endSeconds=60)
        ask("TerminateInstances", InstanceId__1=copy)
        self.assertEqual(ec2._instances[copy]["State"]["Name"], "shutting-down")
        self.answers("DependencyViolation", "DeleteSecurityGroup", GroupId=[group])
        until = time.monotonic() + 10
        while (
            ec2._instances[copy]["State"]["Name"] != "terminated"
            and time.monotonic() < until
        ):
            clock.skip(60)
            time.sleep(0.001)
        ask("DeleteSecurityGroup", GroupId=group)
