"""How much an account may have: vpc/latest/userguide/amazon-vpc-limits.html and what refuses more."""

import asyncio
import json
from typing import Any

from extension import models
from extension.services import quotas
from ministack.services import alb, autoscaling, ec2

from . import fleets
from .world import WorldTest, ask, codes, network, of, ref, server


def told(operation: str, service: str, code: str) -> Any:
    """What Service Quotas answers: the value, or the refusal's code."""
    body = json.dumps({"ServiceCode": service, "QuotaCode": code}).encode()
    target = {"x-amz-target": f"ServiceQuotasV20190624.{operation}"}
    _, _, answer = asyncio.run(quotas._handle("POST", "/", target, body, {}))
    said = json.loads(answer)
    return said["Quota"]["Value"] if "Quota" in said else said["__type"]


class Told(WorldTest):
    def test_the_value_of_the_account_and_what_aws_begins_with(self) -> None:
        """API_GetServiceQuota.html, API_GetAWSDefaultServiceQuota.html."""
        models.choose(quotas={quotas.VCPUS: 32})
        self.assertEqual(told("GetServiceQuota", "ec2", quotas.VCPUS), 32)
        self.assertEqual(told("GetAWSDefaultServiceQuota", "ec2", quotas.VCPUS), 5)
        self.assertEqual(told("GetServiceQuota", "vpc", quotas.VPCS), 5)

    def test_what_there_is_not(self) -> None:
        """aws-cli issues #4569 and #6629."""
        for service, code in (
            ("ec3", quotas.VCPUS),
            ("vpc", quotas.VCPUS),
            ("ec2", "L-0"),
        ):
            self.assertEqual(
                told("GetServiceQuota", service, code), "NoSuchResourceException"
            )
        self.assertEqual(
            told("ListServices", "ec2", quotas.VCPUS), "UnknownOperationException"
        )

    def test_an_account_without_values_of_its_own(self) -> None:
        """aws-cli issue #6629: only the default can be asked for."""
        models.choose(appliedQuotas=models.MISSING)
        self.assertEqual(
            told("GetServiceQuota", "vpc", quotas.VPCS), "NoSuchResourceException"
        )
        self.assertEqual(told("GetAWSDefaultServiceQuota", "vpc", quotas.VPCS), 5)

    def test_the_services_own_calls(self) -> None:
        """API_DescribeAccountAttributes.html, and the two API_DescribeAccountLimits.html."""
        models.choose(quotas={quotas.ADDRESSES: 7, quotas.BALANCERS: 8})
        told_of = ask("DescribeAccountAttributes").findall(".//attributeValue")
        self.assertEqual([one.text for one in told_of], ["7", "5"])
        _, _, body = alb._ACTION_MAP["DescribeAccountLimits"]({})
        self.assertIn(
            b"<Name>application-load-balancers</Name><Max>8</Max>",
            body.replace(b"\n", b""),
        )
        _, _, body = autoscaling._ACTION_MAP["DescribeAccountLimits"]({})
        self.assertIn(
            b"<MaxNumberOfAutoScalingGroups>500</MaxNumberOfAutoScalingGroups>", body
        )


class Held(WorldTest):
    """errors-overview.html: what is over a quota, by hand and in a stack."""

    def test_networks(self) -> None:
        models.choose(quotas={quotas.VPCS: len(ec2._vpcs)})
        self.answers("VpcLimitExceeded", "CreateVpc", CidrBlock=["10.9.0.0/16"])
        self.refused("VpcLimitExceeded", network())
        models.choose(quotas={quotas.VPCS: len(ec2._vpcs) + 1})
        self.made(network(), name="Other")

    def test_gateways(self) -> None:
        models.choose(quotas={quotas.GATEWAYS: len(ec2._internet_gateways)})
        self.answers("InternetGatewayLimitExceeded", "CreateInternetGateway")
        self.refused("InternetGatewayLimitExceeded", network())

    def test_groups(self) -> None:
        models.choose(quotas={quotas.GROUPS: len(ec2._security_groups)})
        self.answers(
            "SecurityGroupLimitExceeded",
            "CreateSecurityGroup",
            GroupName=["one"],
            GroupDescription=["one"],
        )
        self.refused(
            "SecurityGroupLimitExceeded",
            {"G": of("EC2::SecurityGroup", GroupDescription="G")},
        )

    def test_groups_of_an_interface(self) -> None:
        models.choose(quotas={quotas.GROUPS_EACH: 1})
        two = {
            **server(),
            "Second": of("EC2::SecurityGroup", GroupDescription="G", VpcId=ref("Vpc")),
        }
        self.made(two, name="Other")
        two["Server"]["Properties"]["SecurityGroupIds"] = [ref("Group"), ref("Second")]
        self.refused("SecurityGroupsPerInterfaceLimitExceeded", two)

    def test_rules_of_a_group(self) -> None:
        models.choose(quotas={quotas.RULES: 2})
        group = {"Group": of("EC2::SecurityGroup", GroupDescription="G")}
        rules = {
            f"Rule{port}": of(
                "EC2::SecurityGroupIngress",
                GroupId={"Fn::GetAtt": ["Group", "GroupId"]},
                IpProtocol="tcp",
                FromPort=port,
                ToPort=port,
                CidrIp="10.0.0.0/8",
            )
            for port in (1, 2, 3)
        }
        self.refused("RulesPerSecurityGroupLimitExceeded", {**group, **rules})
        del rules["Rule3"]
        self.made({**group, **rules}, name="Other")

    def test_balancers_target_groups_and_fleets(self) -> None:
        for code, refusal in (
            (quotas.BALANCERS, "TooManyLoadBalancers"),
            (quotas.TARGET_GROUPS, "TooManyTargetGroups"),
            (quotas.FLEETS, "LimitExceeded"),
        ):
            models.choose(quotas={code: 0})
            stack = self.stack(fleets.fleet(), name=code)
            self.assertEqual(stack.status(), "ROLLBACK_COMPLETE", code)
            self.assertIn(refusal, codes(stack))
