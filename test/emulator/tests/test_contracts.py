"""What AWS refuses before it does anything: contracts/ holds each call against AWS's service models and pages.

The models are botocore's; HANDLERS, their permissions: the registry schemas that cfn-lint ships, in the folder that
KORA_SCHEMAS names.
"""

import base64
import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extension import catalogue, contracts
from extension.contracts import entries

from . import fleets, goldens
from .support import EmulatorTest, Stack
from .test_deployment import DeploymentTest, thing

PERMISSIONS = {
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
"""Operations that IAM knows by another name (service-authorization/latest/reference/list_amazons3.html)."""
PREFIXES = {"elbv2": "elasticloadbalancing"}
SAMPLES: dict[str, dict[str, Any]] = {
    "AWS::CloudWatch::AnomalyDetector": {
        "Namespace": "AWS/EC2",
        "MetricName": "CPUUtilization",
        "Stat": "Average",
        "Configuration": {
            "MetricTimeZone": "UTC",
            "ExcludedTimeRanges": [
                {"StartTime": "2026-01-01T00:00:00", "EndTime": "2026-01-02T00:00:00"}
            ],
        },
    },
    "AWS::EC2::SecurityGroupEgress": {
        "GroupId": "sg-0123456789abcdef0",
        "IpProtocol": "tcp",
        "FromPort": 80,
        "ToPort": 80,
        "CidrIp": "0.0.0.0/0",
        "Description": "out",
    },
    "AWS::ElastiCache::ReplicationGroup": {"NumCacheClusters": 2},
}
"""Types, and a value, that no golden has."""
PHYSICAL = {"AWS::SSM::Association": "00000000-0000-0000-0000-000000000000"}
"""Ids that have a form of their own."""


def samples() -> dict[str, dict[str, Any]]:
    """For each type the fullest properties that a golden has."""
    found = copy.deepcopy(SAMPLES)
    for template in goldens.templates():
        for resource in template.resources.values():
            of, properties = resource["Type"], resource.get("Properties") or {}
            found.setdefault(of, {})
            if len(json.dumps(properties)) > len(json.dumps(found[of])):
                found[of] = {**properties, **SAMPLES.get(of, {})}
    return found


def standing(of: str) -> Any:
    """A resource of the type that stands."""
    return contracts.It(
        goldens.IDS.get(of, PHYSICAL.get(of, "made")), goldens.ATTRIBUTES
    )


def changes(
    of: str, whole: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """For each property that changes in place: its name, the properties without it, and with it."""
    kind = catalogue.TYPES[of]
    whole = {"Tags": [{"Key": "a", "Value": "b"}], **whole}
    for name in sorted({path.split(".")[0] for path in kind.holds} - kind.replaces):
        if name in whole:
            yield (
                name,
                {key: value for key, value in whole.items() if key != name},
                whole,
            )


TYPES = tuple(catalogue.TYPES)


class Handlers(EmulatorTest):
    """Which calls an operation on a resource is turned into."""

    def setUp(self) -> None:
        super().setUp()
        self.known = samples()

    def test_every_type_has_calls(self) -> None:
        for of in TYPES:
            with self.subTest(of):
                self.assertTrue(made(of, "create", {}, self.known[of]))
                self.assertTrue(made(of, "delete", self.known[of], {}))

    def test_every_change_in_place_has_a_call(self) -> None:
        """One that carries the property; and when it goes, nothing but what is set back to its default."""
        for of in TYPES:
            for name, without, whole in changes(of, self.known[of]):
                with self.subTest(of, property=name):
                    made(of, "update", whole, without)
                    self.assertTrue(
                        made(of, "update", without, whole)
                        or name in contracts.HANDLERS[of].apart
                    )

    def test_the_schema_names_every_operation(self) -> None:
        """HANDLERS: a handler may call only what its schema asks for."""
        for of in TYPES:
            allowed = permissions(of)
            if allowed is None:
                continue
            whole = self.known[of]
            called = {
                "create": made(of, "create", {}, whole),
                "delete": made(of, "delete", whole, {}),
                "update": [
                    call
                    for _, without, whole in changes(of, whole)
                    for old, new in ((without, whole), (whole, without))
                    for call in made(of, "update", old, new)
                ],
            }
            for verb, calls in called.items():
                for action in sorted(
                    {
                        f"{PREFIXES.get(call.service, call.service)}:{call.operation}"
                        for call in calls
                    }
                ):
                    with self.subTest(of, verb=verb, action=action):
                        self.assertIn(
                            PERMISSIONS.get(action, action), allowed.get(verb, [])
                        )

    def test_a_type_without_calls_is_refused(self) -> None:
        with self.assertRaisesRegex(
            ValueError, "does not know the calls of AWS::SQS::Queue"
        ):
            contracts.hold("create", "AWS::SQS::Queue", {}, {})

    def test_a_property_without_a_call_is_refused(self) -> None:
        with self.assertRaisesRegex(
            ValueError, "no call of AWS::EC2::VPC that carries InstanceTenancy"
        ):
            contracts.hold(
                "create",
                "AWS::EC2::VPC",
                {},
                {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "default"},
            )


def made(
    of: str, verb: str, old: dict[str, Any], new: dict[str, Any]
) -> list[contracts.Call]:
    return list(contracts.calls(contracts.HANDLERS[of], verb, old, new, standing(of)))


def permissions(of: str) -> dict[str, list[str]] | None:
    """What the schema's handlers ask for; None for a type whose schema has no handlers."""
    folder = Path(os.environ["KORA_SCHEMAS"])
    names = json.loads((folder / "providers" / f"{goldens.REGION}.json").read_text())
    if of not in names:
        return None
    schema = json.loads((folder / "resources" / f"{names[of]}.json").read_text())
    handlers = schema.get("handlers")
    return (
        {verb: one["permissions"] for verb, one in handlers.items()}
        if handlers
        else None
    )


class Goldens(EmulatorTest):
    """The stacks' own templates are made of calls that AWS takes."""

    def test_every_resource_is_made_and_removed(self) -> None:
        for template in goldens.templates():
            for name, resource in template.resources.items():
                of, properties = resource["Type"], resource.get("Properties") or {}
                definition = {
                    key: value for key, value in resource.items() if key != "Properties"
                }
                with self.subTest(template.name, resource=name):
                    contracts.hold("create", of, {}, properties, definition=definition)
                    contracts.hold(
                        "delete",
                        of,
                        properties,
                        {},
                        standing(of).id,
                        goldens.ATTRIBUTES,
                    )

    def test_every_move_changes_in_place(self) -> None:
        """From each template to every other."""
        pairs = [
            (one, other)
            for one in goldens.templates()
            for other in goldens.templates()
            if one.name != other.name
        ]
        for before, after in pairs:
            for name in before.resources.keys() & after.resources.keys():
                old, new = before.resources[name], after.resources[name]
                of, kind = old["Type"], catalogue.TYPES[old["Type"]]
                properties = [one.get("Properties") or {} for one in (old, new)]
                if (
                    new["Type"] == of
                    and properties[0] != properties[1]
                    and not kind.replaced_by(*properties)
                ):
                    with self.subTest(f"{before.name} to {after.name}", resource=name):
                        contracts.hold(
                            "update",
                            of,
                            properties[0],
                            properties[1],
                            standing(of).id,
                            goldens.ATTRIBUTES,
                        )


# ---- each kind of constraint, in a template

VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}


def of(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def group(**rule: Any) -> dict[str, Any]:
    properties = {"GroupDescription": "Backend", "VpcId": {"Ref": "Vpc"}, **rule}
    return of("EC2::SecurityGroup", **properties)


def rule(description: str) -> dict[str, Any]:
    return group(
        SecurityGroupIngress=[
            {
                "IpProtocol": "tcp",
                "FromPort": 80,
                "ToPort": 80,
                "CidrIp": "0.0.0.0/0",
                "Description": description,
            }
        ]
    )


def alarm(**more: Any) -> dict[str, Any]:
    return of(
        "CloudWatch::Alarm",
        **{
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 2,
            "MetricName": "CPUUtilization",
            "Namespace": "AWS/EC2",
            "Period": 60,
            "Statistic": "Average",
            "Threshold": 70,
            **more,
        },
    )


def role(*sizes: int, **more: Any) -> dict[str, Any]:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    policies = [
        {
            "PolicyName": f"p{number}",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "s3:GetObject",
                        "Resource": "x" * size,
                    }
                ],
            },
        }
        for number, size in enumerate(sizes)
    ]
    return of("IAM::Role", AssumeRolePolicyDocument=trust, Policies=policies, **more)


def template(size: int) -> dict[str, Any]:
    return of(
        "EC2::LaunchTemplate",
        LaunchTemplateName="kora",
        LaunchTemplateData={"UserData": base64.b64encode(b"x" * size).decode()},
    )


def waits(timeout: str) -> dict[str, Any]:
    return {**alarm(), "CreationPolicy": {"ResourceSignal": {"Timeout": timeout}}}


def parameter(name: str = "/kora/one", value: str = "1") -> dict[str, Any]:
    return of("SSM::Parameter", Name=name, Type="String", Value=value)


class Kinds(EmulatorTest):
    """One constraint of each kind is broken in a template, and the stack fails; beside it one that only just keeps it."""

    CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
        # what the models say
        "required": (
            of("IAM::Role"),
            role(),
            "Value null at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not",
        ),
        "unknown": (
            of(
                "Logs::LogGroup",
                RetentionInDays=1,
                Tags=[{"Key": "a", "Value": "b"}],
                LogGroupName=["a"],
            ),
            of("Logs::LogGroup", RetentionInDays=1, Tags=[{"Key": "a", "Value": "b"}]),
            "Member must be a string",
        ),
        "unknown in a rule": (
            group(
                SecurityGroupIngress=[
                    {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0", "Colour": "red"}
                ]
            ),
            group(SecurityGroupIngress=[{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]),
            "Member is not known",
        ),
        "enum": (
            alarm(Statistic="Mean"),
            alarm(Statistic="Maximum"),
            "Member must satisfy enum value set",
        ),
        "pattern": (
            of("Logs::LogGroup", LogGroupName="kora backend"),
            of("Logs::LogGroup", LogGroupName="kora/backend"),
            "regular expression pattern",
        ),
        "pattern of anything but": (
            alarm(Namespace=":AWS"),
            alarm(Namespace="AWS:"),
            "regular expression pattern",
        ),
        "pattern of categories": (
            role(Tags=[{"Key": "kora!", "Value": ""}]),
            role(Tags=[{"Key": "kórå", "Value": ""}]),
            "regular expression pattern",
        ),
        "longest": (
            alarm(AlarmDescription="x" * 1025),
            alarm(AlarmDescription="x" * 1024),
            "length less than or equal to 1024",
        ),
        "shortest": (
            alarm(MetricName=""),
            alarm(MetricName="m"),
            "length greater than or equal to 1",
        ),
        "least": (
            alarm(EvaluationPeriods=0),
            alarm(EvaluationPeriods=1),
            "value greater than or equal to 1",
        ),
        "most": (
            role(MaxSessionDuration=43201),
            role(MaxSessionDuration=43200),
            "value less than or equal to 43200",
        ),
        "members": (
            alarm(AlarmActions=[f"arn:aws:sns:ap-south-1:1:{one}" for one in range(6)]),
            alarm(AlarmActions=["arn:aws:automate:ap-south-1:ec2:reboot"]),
            "length less than or equal to 5",
        ),
        "integer": (
            alarm(EvaluationPeriods="two"),
            alarm(EvaluationPeriods="2"),
            "Member must be an integer",
        ),
        "number": (
            alarm(Threshold="high"),
            alarm(Threshold="7e1"),
            "Member must be a number",
        ),
        "boolean": (
            alarm(ActionsEnabled="yes"),
            alarm(ActionsEnabled="false"),
            "Member must be a boolean",
        ),
        "list": (alarm(OKActions="arn"), alarm(OKActions=[]), "Member must be a list"),
        # what the pages say
        "group description": (
            group(GroupDescription="The backend's"),
            group(GroupDescription="The backend (1)"),
            "Invalid security group description.",
        ),
        "rule description": (
            rule("The backend's"),
            rule("a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"),
            "Invalid rule description.",
        ),
        "rule description, long": (
            rule("x" * 256),
            rule("x" * 255),
            "Invalid rule description.",
        ),
        "ports": (
            group(
                SecurityGroupIngress=[
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 1,
                        "ToPort": 65536,
                        "CidrIp": "0.0.0.0/0",
                    }
                ]
            ),
            group(
                SecurityGroupIngress=[
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 0,
                        "ToPort": 65535,
                        "CidrIp": "0.0.0.0/0",
                    }
                ]
            ),
            "a range of ports",
        ),
        "user data": (
            template(16385),
            template(16384),
            "User data is limited to 16384 bytes",
        ),
        "a policy": (
            role(10240),
            role(9000),
            "Maximum policy size of 10240 bytes exceeded",
        ),
        "policies together": (
            role(5100, 5100),
            role(5000, 5000),
            "Maximum policy size of 10240 bytes exceeded for role",
        ),
        "signals": (waits("PT12H1S"), alarm(), "Timeout must be no greater than PT12H"),
        "tags": (
            alarm(Tags=[{"Key": "aws:kora", "Value": ""}]),
            alarm(Tags=[{"Key": "kora:aws", "Value": ""}]),
            "not starting with aws:",
        ),
        "name of a group": (
            of(
                "EC2::SecurityGroup",
                GroupDescription="a",
                GroupName="sg-kora",
                VpcId={"Ref": "Vpc"},
            ),
            of(
                "EC2::SecurityGroup",
                GroupDescription="a",
                GroupName="kora-sg",
                VpcId={"Ref": "Vpc"},
            ),
            "not starting with sg-",
        ),
        "name of a parameter": (
            parameter("/AWS/kora"),
            parameter("/kora/aws"),
            "can't be prefixed with",
        ),
        "size of a parameter": (
            parameter(value="x" * 4097),
            parameter(value="x" * 4096),
            "maximum parameter value of 4096",
        ),
        "days": (
            of("Logs::LogGroup", RetentionInDays=2),
            of("Logs::LogGroup", RetentionInDays=3),
            "the days that the page lists",
        ),
        "name of a bucket": (
            of("S3::Bucket", BucketName="Kora"),
            of("S3::Bucket", BucketName="kora.uploads"),
            "The specified bucket is not valid",
        ),
        "period": (alarm(Period=90), alarm(Period=120), "a multiple of 60"),
    }

    def test_each_kind(self) -> None:
        for kind, (breaks, keeps, said) in self.CASES.items():
            for resource, status in (
                (breaks, "ROLLBACK_COMPLETE"),
                (keeps, "CREATE_COMPLETE"),
            ):
                with self.subTest(kind, of=status):
                    self.setUp()
                    stack = Stack("Kora")
                    self.assertEqual(
                        stack.create({"Vpc": VPC, "It": resource}),
                        status,
                        stack.reasons(),
                    )
                    self.assertEqual(
                        any(said in one for one in stack.reasons()),
                        resource is breaks,
                        stack.reasons(),
                    )

    def test_an_update_is_held_and_rolled_back(self) -> None:
        stack = self.stack({"It": alarm()})
        self.assertEqual(
            stack.update({"It": alarm(Period=90)}), "UPDATE_ROLLBACK_COMPLETE"
        )
        self.assertIn("It UPDATE_FAILED", stack.events())

    def test_a_pause_is_an_hour_at_most(self) -> None:
        """aws-attribute-updatepolicy.html, PauseTime."""
        for pause, status in (
            ("PT1H1S", "ROLLBACK_COMPLETE"),
            ("PT1H", "CREATE_COMPLETE"),
        ):
            with self.subTest(pause):
                self.setUp()
                resources = fleets.fleet()
                resources["Fleet"]["UpdatePolicy"] = {
                    "AutoScalingRollingUpdate": {**fleets.ROLLING, "PauseTime": pause}
                }
                stack = self.stack(resources)
                self.assertEqual(stack.status(), status, stack.reasons())

    def test_it_leaves_nothing_half_done(self) -> None:
        """All calls of an operation are held before the first is made."""
        stack = Stack("Kora")
        stack.create({"Vpc": VPC, "It": rule("The backend's")})
        self.assertEqual(
            [one for one in stack.events() if one.startswith("It ")],
            ["It CREATE_IN_PROGRESS", "It CREATE_FAILED"],
        )


class Entries(EmulatorTest):
    """What stands in a template beside the properties."""

    def test_each(self) -> None:
        long = {
            "UpdatePolicy": {
                "AutoScalingRollingUpdate": {
                    "PauseTime": "PT1H1S",
                    "SuspendProcesses": ["Lunch"],
                    "MinSuccessfulInstancesPercent": 101,
                }
            },
            "CreationPolicy": {
                "ResourceSignal": {"Timeout": "12h"},
                "AutoScalingCreationPolicy": {"MinSuccessfulInstancesPercent": -1},
            },
        }
        short = {
            "UpdatePolicy": {
                "AutoScalingRollingUpdate": {
                    "PauseTime": "PT60M",
                    "SuspendProcesses": ["Launch"],
                    "MinSuccessfulInstancesPercent": 100,
                }
            },
            "CreationPolicy": {
                "ResourceSignal": {"Timeout": "PT12H"},
                "AutoScalingCreationPolicy": {"MinSuccessfulInstancesPercent": 0},
            },
        }
        self.assertEqual(len(entries.broken(entries.GROUP, long, {})), 5)
        self.assertEqual(entries.broken(entries.GROUP, short, {}), [])
        self.assertEqual(
            entries.broken("AWS::IAM::Role", {}, {"ManagedPolicyArns": ["a"] * 11}),
            ["Cannot exceed quota for PoliciesPerRole: 10"],
        )
        self.assertEqual(
            len(
                entries.broken(
                    "AWS::SSM::Association", {}, {"WaitForSuccessTimeoutSeconds": 14}
                )
            ),
            1,
        )


class Without(DeploymentTest):
    """A type whose calls nobody knows is made, changed and removed by nobody."""

    def test_each_operation(self) -> None:
        handler = contracts.HANDLERS.pop("AWS::Test::Thing")
        self.addCleanup(contracts.HANDLERS.__setitem__, "AWS::Test::Thing", handler)
        said = "the emulator does not know the calls of AWS::Test::Thing"
        stack = self.stack({"A": thing(Size=1)})
        self.assertEqual(
            (stack.status(), said in stack.reasons()), ("ROLLBACK_COMPLETE", True)
        )
        self.setUp()
        contracts.HANDLERS["AWS::Test::Thing"] = handler
        stack = self.stack({"A": thing(Size=1)})
        del contracts.HANDLERS["AWS::Test::Thing"]
        stack.update({"A": thing(Size=2)})
        self.assertTrue(said in stack.reasons() and "A UPDATE_FAILED" in stack.events())
        self.assertEqual(
            (stack.delete(), said in stack.reasons()), ("DELETE_FAILED", True)
        )
