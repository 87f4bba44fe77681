"""VPCs and what is in them. Which property replaces: the page of each type in AWSCloudFormation/latest/UserGuide."""

from typing import Any

from ministack.services import ec2

from .world import WorldTest, ask, att, network, of, ref, said, server, without


class Refusals(WorldTest):
    """AWSEC2/latest/APIReference/errors-overview.html has the codes; each case names the page that refuses."""

    CASES: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (
            "a block over /16 (API_CreateVpc)",
            "InvalidVpc.Range",
            {"Vpc": {"CidrBlock": "10.0.0.0/8"}},
        ),
        (
            "a subnet outside its VPC (API_CreateSubnet)",
            "InvalidSubnet.Range",
            {"Subnet": {"CidrBlock": "10.1.0.0/20"}},
        ),
        (
            "a zone that the region lacks (API_CreateSubnet)",
            "InvalidParameterValue",
            {"Subnet": {"AvailabilityZone": "ap-south-1z"}},
        ),
        (
            "a VPC that is not there (API_CreateSubnet)",
            "InvalidVpcID.NotFound",
            {"Subnet": {"VpcId": "vpc-0a"}},
        ),
        (
            "a table that is not there (API_CreateRoute)",
            "InvalidRouteTableID.NotFound",
            {"Route": {"RouteTableId": "rtb-0a"}},
        ),
        (
            "a gateway that is not there (API_CreateRoute)",
            "InvalidInternetGatewayID.NotFound",
            {"Route": {"GatewayId": "igw-0a"}},
        ),
        (
            "a rule's group that is not there (API_AuthorizeSecurityGroupIngress)",
            "InvalidGroup.NotFound",
            {
                "Group": {
                    "SecurityGroupIngress": [
                        {
                            "IpProtocol": "tcp",
                            "FromPort": 1,
                            "ToPort": 1,
                            "SourceSecurityGroupId": "sg-0a",
                        }
                    ]
                }
            },
        ),
    )

    def test_what_does_not_fit(self) -> None:
        for name, code, change in self.CASES:
            with self.subTest(name):
                self.setUp()
                resources = network()
                for logical_id, properties in change.items():
                    resources[logical_id]["Properties"].update(properties)
                self.refused(code, resources)

    def test_an_overlapping_subnet(self) -> None:
        """API_CreateSubnet."""
        other = of("EC2::Subnet", "Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.0.0/24")
        self.refused("InvalidSubnet.Conflict", {**network(), "Other": other})

    def test_a_route_to_a_gateway_that_is_not_attached(self) -> None:
        """AWSCloudFormation/latest/UserGuide/aws-resource-ec2-route.html: depend on the attachment."""
        resources = without(network(), "Attachment")
        resources["Route"].pop("DependsOn")
        self.refused("InvalidParameterValue", resources)

    def test_a_second_gateway(self) -> None:
        """vpc/latest/userguide/VPC_Internet_Gateway.html: one gateway a VPC."""
        second = {
            "Gateway2": of("EC2::InternetGateway"),
            "Attachment2": of(
                "EC2::VPCGatewayAttachment",
                "Attachment",
                VpcId=ref("Vpc"),
                InternetGatewayId=ref("Gateway2"),
            ),
        }
        self.refused("InvalidParameterValue", {**network(), **second})

    def test_a_route_that_exists(self) -> None:
        """API_CreateRoute: RouteAlreadyExists."""
        again = of(
            "EC2::Route",
            "Route",
            RouteTableId=ref("Table"),
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=ref("Gateway"),
        )
        self.refused("RouteAlreadyExists", {**network(), "Again": again})

    def test_a_second_table_for_a_subnet(self) -> None:
        """API_AssociateRouteTable: one table a subnet."""
        again = {
            "Table2": of("EC2::RouteTable", VpcId=ref("Vpc")),
            "Use2": of(
                "EC2::SubnetRouteTableAssociation",
                "Use",
                SubnetId=ref("Subnet"),
                RouteTableId=ref("Table2"),
            ),
        }
        self.refused("Resource.AlreadyAssociated", {**network(), **again})

    def test_a_rule_that_exists(self) -> None:
        """API_AuthorizeSecurityGroupIngress: InvalidPermission.Duplicate."""
        rule = of(
            "EC2::SecurityGroupIngress",
            GroupId=att("Group", "GroupId"),
            IpProtocol="tcp",
            FromPort=80,
            ToPort=80,
            CidrIp="0.0.0.0/0",
        )
        self.refused(
            "InvalidPermission.Duplicate",
            {**network(), "One": rule, "Two": {**rule, "DependsOn": ["One"]}},
        )


class InUse(WorldTest):
    """What something needs is not removed, through the API: vpc/latest/userguide/delete-vpc.html and the actions' pages."""

    def test_nothing_under_a_server_goes(self) -> None:
        stack = self.made(server())
        for action, parameter, logical_id in (
            ("DeleteVpc", "VpcId", "Vpc"),
            ("DeleteSubnet", "SubnetId", "Subnet"),
            ("DeleteRouteTable", "RouteTableId", "Table"),
            ("DeleteInternetGateway", "InternetGatewayId", "Gateway"),
            ("DeleteSecurityGroup", "GroupId", "Group"),
            ("DetachInternetGateway", "VpcId", "Vpc"),
        ):
            with self.subTest(action):
                self.answers(
                    "DependencyViolation",
                    action,
                    **{parameter: [stack.physical(logical_id)]},
                )

    def test_a_group_that_another_names(self) -> None:
        """API_DeleteSecurityGroup."""
        stack = self.made(
            {
                **network(),
                "Rule": of(
                    "EC2::SecurityGroupIngress",
                    GroupId=att("Group", "GroupId"),
                    IpProtocol="tcp",
                    FromPort=3001,
                    ToPort=3001,
                    SourceSecurityGroupId=att("Balancer", "GroupId"),
                ),
                "Balancer": of(
                    "EC2::SecurityGroup", GroupDescription="B", VpcId=ref("Vpc")
                ),
            }
        )
        self.answers(
            "DependencyViolation",
            "DeleteSecurityGroup",
            GroupId=[stack.physical("Balancer")],
        )

    def test_a_stack_whose_network_others_use(self) -> None:
        """A stack with a group in use by an instance of someone else is left DELETE_FAILED."""
        stack = self.made(network())
        ask(
            "RunInstances",
            ImageId="ami-0123456789abcdef0",
            InstanceType="t2.micro",
            SubnetId=stack.physical("Subnet"),
            SecurityGroupId__1=stack.physical("Group"),
        )
        self.assertEqual(stack.delete(), "DELETE_FAILED")
        self.assertIn("Group DELETE_FAILED", stack.events())

    def test_a_whole_stack_goes(self) -> None:
        before = len(ec2._vpcs), len(ec2._security_groups), len(ec2._route_tables)
        self.assertEqual(self.made(server()).delete(), "DELETE_COMPLETE")
        self.assertEqual(
            (len(ec2._vpcs), len(ec2._security_groups), len(ec2._route_tables)), before
        )


class Rules(WorldTest):
    def test_a_rule_keeps_its_id_when_described_otherwise(self) -> None:
        """aws-resource-ec2-securitygroupingress.html: only Description changes in place."""
        rule = of(
            "EC2::SecurityGroupIngress",
            GroupId=att("Group", "GroupId"),
            IpProtocol="tcp",
            FromPort=22,
            ToPort=22,
            CidrIp="203.0.113.7/32",
        )
        stack = self.made({**network(), "Rule": rule})
        first = stack.physical("Rule")
        rule["Properties"]["Description"] = "office"
        self.updated(stack, {**network(), "Rule": rule})
        self.assertEqual(stack.physical("Rule"), first)
        answer = ask("DescribeSecurityGroups", GroupId__1=stack.physical("Group"))
        self.assertEqual(
            (
                said(answer, "ipRanges/item/cidrIp"),
                said(answer, "ipRanges/item/description"),
            ),
            ("203.0.113.7/32", "office"),
        )
        rule["Properties"]["FromPort"] = 21
        self.updated(stack, {**network(), "Rule": rule})
        self.assertNotEqual(stack.physical("Rule"), first)
        self.assertEqual(
            len(ec2._security_groups[stack.physical("Group")]["IpPermissions"]), 1
        )

    def test_inline_rules_are_swapped(self) -> None:
        """aws-resource-ec2-securitygroup.html: SecurityGroupIngress changes in place."""
        resources = network()
        resources["Group"]["Properties"]["SecurityGroupIngress"] = [
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}
        ]
        stack = self.made(resources)
        group = stack.physical("Group")
        self.updated(stack, network())
        self.assertEqual(
            (stack.physical("Group"), ec2._security_groups[group]["IpPermissions"]),
            (group, []),
        )

    def test_a_group_is_replaced_for_its_description(self) -> None:
        """aws-resource-ec2-securitygroup.html: GroupDescription replaces; the generated name is another one."""
        stack, resources = self.made(network()), network()
        first = stack.physical("Group")
        resources["Group"]["Properties"]["GroupDescription"] = "Another"
        self.updated(stack, resources)
        self.assertNotEqual(stack.physical("Group"), first)
        self.assertNotIn(first, ec2._security_groups)

    def test_all_goes_out_of_a_group_without_rules_for_it(self) -> None:
        """aws-resource-ec2-securitygroup.html, SecurityGroupEgress."""
        answer = ask(
            "DescribeSecurityGroups", GroupId__1=self.made(network()).physical("Group")
        )
        self.assertEqual(
            said(answer, "ipPermissionsEgress/item/ipRanges/item/cidrIp"), "0.0.0.0/0"
        )


class Room(WorldTest):
    def test_what_is_free_of_a_subnet(self) -> None:
        """vpc/latest/userguide/subnet-sizing.html: five addresses of a block are AWS's own."""
        stack = self.made(server())
        free = [self.free(stack.physical("Subnet"))]
        ask("CreateNetworkInterface", SubnetId=stack.physical("Subnet"))
        free.append(self.free(stack.physical("Subnet")))
        self.assertEqual(free, [4096 - 5 - 1, 4096 - 5 - 2])

    def free(self, subnet: str) -> int:
        answer = ask("DescribeSubnets", SubnetId__1=subnet)
        return int(said(answer, "subnetSet/item/availableIpAddressCount"))
