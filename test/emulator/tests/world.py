"""Resources that tests put into stacks, and what an answer of an API comes to."""

import json
import re
from typing import Any
from xml.etree import ElementTree

from extension import actions
from ministack.services import ec2, route53

from .support import EmulatorTest, Stack

Resources = dict[str, Any]

PARAMETER = (
    "/aws/service/canonical/ubuntu/server/24.04/stable/20260714/{}/hvm/ebs-gp3/ami-id"
)
IMAGE = "{{resolve:ssm:" + PARAMETER.format("amd64") + "}}"
KEY = "backend-key"
ZONE = "Z0123456789ABCDEFGHIJ"
DOMAIN = "server.example.com"


def of(kind: str, *depends: str, **properties: Any) -> dict[str, Any]:
    """A resource of the template: of("EC2::VPC", CidrBlock="10.0.0.0/16")."""
    return {
        "Type": f"AWS::{kind}",
        "Properties": properties,
        **({"DependsOn": list(depends)} if depends else {}),
    }


def ref(logical_id: str) -> dict[str, str]:
    return {"Ref": logical_id}


def att(logical_id: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [logical_id, attribute]}


def network() -> Resources:
    """A VPC with a public subnet in the first zone and a security group."""
    return {
        "Vpc": of("EC2::VPC", CidrBlock="10.0.0.0/16", EnableDnsHostnames=True),
        "Gateway": of("EC2::InternetGateway"),
        "Attachment": of(
            "EC2::VPCGatewayAttachment",
            VpcId=ref("Vpc"),
            InternetGatewayId=ref("Gateway"),
        ),
        "Table": of("EC2::RouteTable", VpcId=ref("Vpc")),
        "Route": of(
            "EC2::Route",
            "Attachment",
            RouteTableId=ref("Table"),
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=ref("Gateway"),
        ),
        "Subnet": of(
            "EC2::Subnet",
            VpcId=ref("Vpc"),
            CidrBlock="10.0.0.0/20",
            AvailabilityZone="ap-south-1a",
            MapPublicIpOnLaunch=True,
        ),
        "Use": of(
            "EC2::SubnetRouteTableAssociation",
            SubnetId=ref("Subnet"),
            RouteTableId=ref("Table"),
        ),
        "Group": of("EC2::SecurityGroup", GroupDescription="Server", VpcId=ref("Vpc")),
    }


def server(**properties: Any) -> Resources:
    """The network and a server in it."""
    return {
        **network(),
        "Server": of(
            "EC2::Instance",
            "Route",
            **{
                "ImageId": IMAGE,
                "InstanceType": "t2.micro",
                "SubnetId": ref("Subnet"),
                "SecurityGroupIds": [att("Group", "GroupId")],
                "KeyName": KEY,
                **properties,
            },
        ),
    }


def without(resources: Resources, *logical_ids: str) -> Resources:
    return {
        name: resource
        for name, resource in resources.items()
        if name not in logical_ids
    }


class WorldTest(EmulatorTest):
    """An account with a key pair and a hosted zone."""

    def setUp(self) -> None:
        super().setUp()
        ask("CreateKeyPair", KeyName=KEY)
        route53._zones[ZONE] = {
            "id": ZONE,
            "name": "example.com.",
            "caller_reference": "",
            "comment": "",
            "private": False,
        }
        route53._records[ZONE] = route53._default_records("example.com.")

    def refused(
        self,
        code: str,
        resources: Resources,
        before: Resources | None = None,
        name: str = "Kora",
    ) -> None:
        """The stack with these resources, made or updated from before, fails with that error code and is rolled back."""
        stack = self.stack(before, name) if before else Stack(name)
        status = stack.update(resources) if before else stack.create(resources)
        self.assertEqual(
            status,
            "UPDATE_ROLLBACK_COMPLETE" if before else "ROLLBACK_COMPLETE",
            stack.reasons(),
        )
        self.assertIn(code, codes(stack), stack.reasons())

    def made(self, resources: Resources, name: str = "Kora") -> Stack:
        """The stack with these resources."""
        stack = self.stack(resources, name)
        self.assertEqual(stack.status(), "CREATE_COMPLETE", stack.reasons())
        return stack

    def updated(self, stack: Stack, resources: Resources) -> None:
        self.assertEqual(stack.update(resources), "UPDATE_COMPLETE", stack.reasons())

    def answers(self, code: str, action: str, **parameters: Any) -> None:
        """The EC2 API refuses with that error code."""
        status, _, body = ec2._ACTION_MAP[action](parameters)
        self.assertEqual((status, actions.error(body)[0]), (400, code), body)


def codes(stack: Stack) -> list[str]:
    """The error codes that the events of the last operation give."""
    return re.findall(r"Error Code: ([\w.]+)", " ".join(stack.reasons()))


def ask(action: str, **parameters: Any) -> ElementTree.Element:
    """What the EC2 API answers; names that need a dot have two underscores (InstanceId__1)."""
    named = {
        name.replace("__", "."): [str(value)] for name, value in parameters.items()
    }
    status, _, body = ec2._ACTION_MAP[action](named)
    if status != 200:
        raise AssertionError(actions.error(body))
    return ElementTree.fromstring(re.sub(rb' xmlns="[^"]*"', b"", body))


def said(answer: ElementTree.Element, path: str) -> str:
    """The text there, "" for none."""
    return answer.findtext(f".//{path}") or ""


def content(body: bytes) -> Any:
    return json.loads(body)
