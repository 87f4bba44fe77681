"""Elastic IP addresses: AWSEC2/latest/APIReference/API_AllocateAddress.html, API_AssociateAddress.html, API_ReleaseAddress.html."""

from ministack.services import ec2

from .world import Resources, WorldTest, ask, att, of, ref, said, server, without


def addressed() -> Resources:
    """A server that holds an address."""
    return {
        **server(),
        "Address": of("EC2::EIP", Domain="vpc"),
        "Hold": of(
            "EC2::EIPAssociation",
            AllocationId=att("Address", "AllocationId"),
            InstanceId=ref("Server"),
        ),
    }


class Addresses(WorldTest):
    def holder(self, address: str) -> str:
        return said(ask("DescribeAddresses", PublicIp__1=address), "instanceId")

    def test_a_server_is_reached_at_its_address(self) -> None:
        stack = self.made(addressed())
        self.assertEqual(
            self.holder(stack.physical("Address")), stack.physical("Server")
        )
        self.assertEqual(
            said(
                ask("DescribeInstances", InstanceId__1=stack.physical("Server")),
                "ipAddress",
            ),
            stack.physical("Address"),
        )

    def test_a_released_address_is_had_back_by_name(self) -> None:
        """API_AllocateAddress, Address."""
        first = ask("AllocateAddress", Address="13.233.176.103")
        self.assertEqual(said(first, "publicIp"), "13.233.176.103")
        self.answers(
            "InvalidAddress.NotFound", "AllocateAddress", Address=["13.233.176.103"]
        )
        ask("ReleaseAddress", AllocationId=said(first, "allocationId"))
        self.assertEqual(
            said(ask("AllocateAddress", Address="13.233.176.103"), "publicIp"),
            "13.233.176.103",
        )

    def test_five_addresses(self) -> None:
        """AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html: five in a region."""
        for _ in range(5):
            ask("AllocateAddress")
        self.answers("AddressLimitExceeded", "AllocateAddress")
        self.refused("AddressLimitExceeded", {"Address": of("EC2::EIP", Domain="vpc")})

    def test_an_address_moves_at_once(self) -> None:
        """API_AssociateAddress: reassociates unless told not to; the association that the stack has ends."""
        stack = self.made(addressed())
        other = said(
            ask(
                "RunInstances", ImageId="ami-0123456789abcdef0", InstanceType="t2.micro"
            ),
            "instanceId",
        )
        allocation = said(ask("DescribeAddresses"), "allocationId")
        self.answers(
            "Resource.AlreadyAssociated",
            "AssociateAddress",
            AllocationId=[allocation],
            InstanceId=[other],
            AllowReassociation=["false"],
        )
        ask("AssociateAddress", AllocationId=allocation, InstanceId=other)
        self.assertEqual(self.holder(stack.physical("Address")), other)
        self.assertNotEqual(
            ec2._instances[stack.physical("Server")]["PublicIpAddress"],
            stack.physical("Address"),
        )
        self.updated(stack, without(addressed(), "Hold"))
        self.assertEqual(self.holder(stack.physical("Address")), other)

    def test_an_instance_gives_up_the_address_it_had(self) -> None:
        """API_AssociateAddress: the existing address is disassociated, and remains allocated."""
        stack = self.made(addressed())
        allocation = said(ask("AllocateAddress"), "allocationId")
        ask(
            "AssociateAddress",
            AllocationId=allocation,
            InstanceId=stack.physical("Server"),
        )
        self.assertEqual(self.holder(stack.physical("Address")), "")

    def test_a_held_address_is_not_released(self) -> None:
        """API_ReleaseAddress: InvalidIPAddress.InUse."""
        self.made(addressed())
        self.answers(
            "InvalidIPAddress.InUse",
            "ReleaseAddress",
            AllocationId=[said(ask("DescribeAddresses"), "allocationId")],
        )

    def test_what_does_not_exist(self) -> None:
        """errors-overview.html."""
        resources = addressed()
        resources["Hold"]["Properties"]["InstanceId"] = "i-0a"
        self.refused("InvalidInstanceID.NotFound", resources)
        resources["Hold"]["Properties"] = {
            "AllocationId": "eipalloc-0a",
            "InstanceId": ref("Server"),
        }
        self.refused("InvalidAllocationID.NotFound", resources, name="Other")

    def test_a_server_ends_without_its_address(self) -> None:
        """AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html: it remains allocated."""
        stack = self.made(addressed())
        ask("TerminateInstances", InstanceId__1=stack.physical("Server"))
        self.assertEqual(self.holder(stack.physical("Address")), "")

    def test_an_unknown_filter_is_refused(self) -> None:
        self.answers(
            "InvalidParameterValue",
            "DescribeAddresses",
            **{"Filter.1.Name": ["nonsense"], "Filter.1.Value.1": ["x"]},
        )
