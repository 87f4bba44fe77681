"""What exists already is not made again, and early validation says so first.

VALIDATION: AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html. Seen: aws-cloudformation/rain pull 744,
serverless/serverless issue 13248 (change sets); ministack's authors on AWS in October 2026 (CreateStack, UpdateStack).
"""

import json
import os
from pathlib import Path
from typing import Any

from extension import catalogue, models
from ministack.services import cloudwatch

from . import fleets
from .support import REGION, RequestError, Stack, ask
from .test_monitoring import CPU, an_alarm
from .test_scaling import fire
from .test_stores import TRUST
from .world import IMAGE, Resources, WorldTest, att, network, of, ref

NAMED: dict[str, Resources] = {
    "AWS::AutoScaling::AutoScalingGroup": {
        **fleets.network(),
        "Template": fleets.template(),
        "Thing": fleets.group(TargetGroupARNs=[]),
    },
    "AWS::CloudWatch::Alarm": {"Thing": an_alarm()},
    "AWS::CloudWatch::Dashboard": {
        "Thing": of(
            "CloudWatch::Dashboard",
            DashboardName="backend",
            DashboardBody='{"widgets": []}',
        )
    },
    "AWS::EC2::LaunchTemplate": {
        "Thing": of(
            "EC2::LaunchTemplate",
            LaunchTemplateName="fleet",
            LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "t2.micro"},
        )
    },
    "AWS::EC2::SecurityGroup": {
        **network(),
        "Thing": of(
            "EC2::SecurityGroup",
            GroupName="web",
            GroupDescription="Web",
            VpcId=ref("Vpc"),
        ),
    },
    "AWS::ElastiCache::ReplicationGroup": {
        "Thing": of(
            "ElastiCache::ReplicationGroup",
            ReplicationGroupId="sessions",
            ReplicationGroupDescription="Sessions",
            Engine="valkey",
            CacheNodeType="cache.t4g.micro",
            NumCacheClusters=1,
        )
    },
    "AWS::ElastiCache::SubnetGroup": {
        **network(),
        "Thing": of(
            "ElastiCache::SubnetGroup",
            CacheSubnetGroupName="sessions",
            Description="Sessions",
            SubnetIds=[ref("Subnet")],
        ),
    },
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        **fleets.network(),
        "Thing": fleets.balancer(Name="api-alb"),
    },
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        **fleets.network(),
        "Thing": fleets.targets(Name="api-tg"),
    },
    "AWS::IAM::InstanceProfile": {
        "Role": of("IAM::Role", AssumeRolePolicyDocument=TRUST),
        "Thing": of(
            "IAM::InstanceProfile", InstanceProfileName="backend", Roles=[ref("Role")]
        ),
    },
    "AWS::IAM::Role": {
        "Thing": of("IAM::Role", RoleName="backend", AssumeRolePolicyDocument=TRUST)
    },
    "AWS::Logs::LogGroup": {"Thing": of("Logs::LogGroup", LogGroupName="backend")},
    "AWS::S3::Bucket": {"Thing": of("S3::Bucket", BucketName="backend-uploads")},
    "AWS::SNS::Topic": {"Thing": of("SNS::Topic", TopicName="backend")},
    "AWS::SSM::Document": {
        "Thing": of(
            "SSM::Document",
            Name="backend",
            Content={"schemaVersion": "2.2", "mainSteps": [{}]},
        )
    },
    "AWS::SSM::Parameter": {
        "Thing": of("SSM::Parameter", Name="/backend/boot", Type="String", Value="one")
    },
}
"""Each type with a physical name, once as Thing with all that it needs."""


def twice(resources: Resources) -> Resources:
    return {**resources, "Again": {**resources["Thing"], "DependsOn": ["Thing"]}}


def found(stack: Stack, **asked: str) -> list[tuple[str, str]]:
    """What DescribeEvents tells of an operation: the resource and the reason."""
    answer = stack.request(
        "DescribeEvents", **{"Filters.FailedEvents": "true", **asked}
    )
    return [
        (
            event.findtext("LogicalResourceId") or "",
            event.findtext("ValidationStatusReason") or "",
        )
        for event in answer.iter("member")
        if event.findtext("EventType") == "VALIDATION_ERROR"
    ]


class Names(WorldTest):
    def test_all_of_them(self) -> None:
        named = {
            name
            for name, kind in catalogue.TYPES.items()
            if kind.physical_name and not name.startswith("AWS::Test::")
        }
        self.assertEqual(named, set(NAMED))

    def exists(self, name: str) -> str:
        return f"Resource of type '{name}' with identifier '{self.identifier(name)}' already exists."

    @staticmethod
    def identifier(name: str) -> str:
        return str(
            NAMED[name]["Thing"]["Properties"][catalogue.TYPES[name].physical_name]
        )

    def test_a_create_refuses(self) -> None:
        """Also where early validation is switched off, or cannot tell: "already exists" (HandlerErrorCode: AlreadyExists)."""
        for name, resources in NAMED.items():
            with self.subTest(name):
                self.setUp()
                models.choose(takenName=models.REFUSE)
                stack = self.made(resources)
                self.assertEqual(
                    stack.update(twice(resources)), "UPDATE_ROLLBACK_COMPLETE"
                )
                self.assertIn(
                    f'Resource handler returned message: "{self.exists(name)}" (HandlerErrorCode: AlreadyExists)',
                    stack.reasons(),
                )
                self.assertIn("Again CREATE_FAILED", stack.events())
                self.updated(
                    stack,
                    {
                        **resources,
                        "Other": of(
                            "SSM::Parameter", Name="/other", Type="String", Value="one"
                        ),
                    },
                )

    def test_a_change_set_fails(self) -> None:
        """VALIDATION, "Resource name conflict": by the primaryIdentifier, as far as the template says it."""
        for name, resources in NAMED.items():
            with self.subTest(name):
                self.setUp()
                stack = self.made(resources)
                status, reason = prepared(stack, twice(resources))
                foreseen = catalogue.TYPES[name].name_is_id
                self.assertEqual(status, "FAILED" if foreseen else "CREATE_COMPLETE")
                self.assertEqual(
                    "AWS::EarlyValidation::ResourceExistenceCheck" in reason, foreseen
                )
                expected = [("Again", self.exists(name))] if foreseen else []
                whole_id = (
                    stack.request("DescribeChangeSet", ChangeSetName="next").findtext(
                        ".//ChangeSetId"
                    )
                    or ""
                )
                self.assertEqual(found(stack, ChangeSetName="next"), expected)
                self.assertEqual(
                    found(stack, StackName="", ChangeSetName=whole_id), expected
                )
                if foreseen:
                    with self.assertRaises(RequestError):
                        stack.request("ExecuteChangeSet", ChangeSetName="next")

    def test_direct_operations_end_before_they_begin(self) -> None:
        """VALIDATION, "runs automatically on Create Stack, Update Stack, and Create Change Set operations" (since June 2026)."""
        group = NAMED["AWS::Logs::LogGroup"]
        stack = self.made(group)
        self.assertEqual(stack.update(twice(group)), "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(
            stack.events(),
            [
                "Kora UPDATE_IN_PROGRESS",
                "Kora UPDATE_FAILED",
                "Kora UPDATE_ROLLBACK_IN_PROGRESS",
                "Kora UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
                "Kora UPDATE_ROLLBACK_COMPLETE",
            ],
        )
        self.assertEqual(found(stack), [("Again", self.exists("AWS::Logs::LogGroup"))])
        other = Stack("Other")
        self.assertEqual(other.create(group), "ROLLBACK_COMPLETE")
        self.assertEqual(
            other.events(),
            [
                "Other CREATE_IN_PROGRESS",
                "Other CREATE_FAILED",
                "Other ROLLBACK_IN_PROGRESS",
                "Other ROLLBACK_COMPLETE",
            ],
        )
        self.assertEqual(found(other), [("Thing", self.exists("AWS::Logs::LogGroup"))])

    def test_it_can_be_switched_off(self) -> None:
        """VALIDATION, "Disable pre-deployment validation": then the create says it."""
        group = NAMED["AWS::Logs::LogGroup"]
        self.made(group)
        other = Stack("Other")
        self.assertEqual(
            other.create(group, DisableValidation="true"), "ROLLBACK_COMPLETE"
        )
        self.assertIn("Thing CREATE_FAILED", other.events())
        self.assertEqual(
            prepared(
                Stack("Third"), group, ChangeSetType="CREATE", DisableValidation="true"
            )[0],
            "CREATE_COMPLETE",
        )

    def test_its_own_names_are_no_conflict(self) -> None:
        """A name that the stack has already, and one that the stack is about to give up, which still exists."""
        stack = self.made({"Thing": an_alarm(), "Other": an_alarm(AlarmName="other")})
        self.updated(
            stack,
            {"Thing": an_alarm(Threshold=80), "Other": an_alarm(AlarmName="other")},
        )
        status, _ = prepared(stack, {"Thing": an_alarm(AlarmName="other")})
        self.assertEqual(status, "FAILED")

    def test_a_name_that_is_made_with_the_stack_is_not_foreseen(self) -> None:
        """What refers to another resource is not known before it is made."""
        named = {
            "Topic": of("SNS::Topic"),
            "Thing": an_alarm(AlarmName=att("Topic", "TopicName")),
        }
        self.assertEqual(
            prepared(
                self.made(NAMED["AWS::Logs::LogGroup"]),
                {**NAMED["AWS::Logs::LogGroup"], **named},
            )[0],
            "CREATE_COMPLETE",
        )

    def test_an_alarm_made_by_hand_stays(self) -> None:
        """API_PutMetricAlarm overwrites an alarm; CloudFormation refuses it, and leaves it as it is."""
        ask(cloudwatch, "PutMetricAlarm", AlarmName="cpu", **CPU)
        fire("cpu")
        for model in (models.FORESEE, models.REFUSE):
            models.choose(takenName=model)
            stack = Stack(model)
            self.assertEqual(
                stack.create({"Alarm": an_alarm(Threshold=90)}), "ROLLBACK_COMPLETE"
            )
            (kept,) = ask(cloudwatch, "DescribeAlarms", AlarmNames=["cpu"])[
                "MetricAlarms"
            ]
            self.assertEqual((kept["Threshold"], kept["StateValue"]), ("70", "ALARM"))
        ask(cloudwatch, "PutMetricAlarm", AlarmName="cpu", **{**CPU, "Threshold": 90})
        (kept,) = ask(cloudwatch, "DescribeAlarms", AlarmNames=["cpu"])["MetricAlarms"]
        self.assertEqual((kept["Threshold"], kept["StateValue"]), ("90", "ALARM"))


def prepared(
    stack: Stack, resources: Resources, name: str = "next", **more: Any
) -> tuple[str, str]:
    """A change set: its status and the reason."""
    stack.request(
        "CreateChangeSet",
        ChangeSetName=name,
        TemplateBody=json.dumps({"Resources": resources}),
        **more,
    )
    answer = stack.request("DescribeChangeSet", ChangeSetName=name)
    return answer.findtext(".//Status") or "", answer.findtext(".//StatusReason") or ""


class Schemas(WorldTest):
    """The registry's schemas, which cfn-lint brings with it."""

    def test_what_is_foreseen_and_what_is_deleted_first(self) -> None:
        """primaryIdentifier and replacementStrategy."""
        folder = Path(os.environ["KORA_SCHEMAS"])
        names = json.loads((folder / "providers" / f"{REGION}.json").read_text())
        for name, kind in catalogue.TYPES.items():
            if not name.startswith("AWS::Test::"):
                schema = json.loads(
                    (folder / "resources" / f"{names[name]}.json").read_text()
                )
                is_id = schema["primaryIdentifier"] == [
                    f"/properties/{kind.physical_name}"
                ]
                self.assertEqual(
                    bool(kind.physical_name) and kind.name_is_id, is_id, name
                )
                if parts := kind.imported_by():
                    self.assertEqual(
                        sorted(f"/properties/{one}" for one in parts),
                        sorted(schema["primaryIdentifier"]),
                    )
                    self.assertIn("read", schema["handlers"], name)
                self.assertEqual(
                    kind.deletes_first,
                    schema.get("replacementStrategy") == "delete_then_create",
                    name,
                )


class Protection(WorldTest):
    """Termination protection comes before the first change set is executed, as the CDK's command line sets it."""

    def test_a_failed_stack_that_is_protected_stays(self) -> None:
        """AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html leaves no status out; after ROLLBACK_COMPLETE a stack
        can only be deleted (using-cfn-describing-stacks.html)."""
        stack = Stack("Kora")
        prepared(
            stack,
            {"Group": of("Logs::LogGroup", RetentionInDays=31)},
            ChangeSetType="CREATE",
        )
        self.assertEqual(stack.status(), "REVIEW_IN_PROGRESS")
        stack.request("UpdateTerminationProtection", EnableTerminationProtection="true")
        stack.request("ExecuteChangeSet", ChangeSetName="next")
        self.assertEqual(stack.wait(), "ROLLBACK_COMPLETE")
        with self.assertRaisesRegex(RequestError, "TerminationProtection is enabled"):
            stack.request("DeleteStack")
        for kind in ("CREATE", "UPDATE"):
            with self.assertRaisesRegex(
                RequestError, "is in ROLLBACK_COMPLETE state and can not be updated"
            ):
                prepared(
                    stack,
                    {"Group": of("Logs::LogGroup")},
                    name="again",
                    ChangeSetType=kind,
                )
        stack.request(
            "UpdateTerminationProtection", EnableTerminationProtection="false"
        )
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")
        self.assertEqual(
            stack.create({"Group": of("Logs::LogGroup")}), "CREATE_COMPLETE"
        )


class Models(WorldTest):
    def test_what_is_not_said_is_the_default(self) -> None:
        models.choose(heldAddress=models.MOVE, quotas={"L-1216C47A": 5})
        models.choose(liveRecord=models.TAKE)
        self.assertEqual(
            (
                models.current.heldAddress,
                models.current.quotas,
                models.current.liveRecord,
            ),
            ("refuse", {}, "take"),
        )

    def test_a_value_that_nothing_takes(self) -> None:
        for answers in (
            {"heldAddress": "take"},
            {"imageSeconds": -1},
            {"quotas": {"L-1216C47A": -1}},
            {"quotas": {"L-1216C47A": "many"}},
        ):
            with self.assertRaises(ValueError):
                models.choose(**answers)
        self.assertEqual(models.current, models.Models())
