"""IAM's policy simulator (IAM/latest/APIReference/API_SimulatePrincipalPolicy.html)."""

import json
from typing import Any

from extension import catalogue
from extension.contracts import denied
from extension.services import simulation
from ministack.services import iam

from .support import EmulatorTest, RequestError, ask

USER = "arn:aws:iam::000000000000:user/team/ops"


class Simulation(EmulatorTest):
    def setUp(self) -> None:
        super().setUp()
        catalogue.install()
        ask(iam, "CreateUser", UserName="ops", Path="/team/")

    def gives(self, **more: Any) -> None:
        statement = {
            "Effect": "Allow",
            "Action": "ec2:*",
            "Resource": "arn:aws:ec2:*",
            **more,
        }
        ask(
            iam,
            "PutUserPolicy",
            UserName="ops",
            PolicyName="one",
            PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": statement}
            ),
        )

    def decided(
        self, source: str = USER, action: str = "ec2:RunInstances", **context: str
    ) -> list[str]:
        """What is decided of two resources, one of which is of EC2."""
        entries = [
            {"ContextKeyName": name, "ContextKeyValues": [value]}
            for name, value in context.items()
        ]
        _, _, body = simulation._simulate(
            {
                "PolicySourceArn": source,
                "ActionNames.member.1": action,
                "ResourceArns.member.1": "arn:aws:ec2:::x",
                "ResourceArns.member.2": "arn:aws:s3:::x",
                **{
                    f"ContextEntries.member.{i}.{key}": value
                    for i, one in enumerate(entries, 1)
                    for key, value in (
                        ("ContextKeyName", one["ContextKeyName"]),
                        ("ContextKeyValues.member.1", one["ContextKeyValues"][0]),
                    )
                },
            }
        )
        return [
            part.partition("<")[0] for part in body.decode().split("<EvalDecision>")[1:]
        ]

    def test_each_resource_is_decided(self) -> None:
        self.gives()
        self.assertEqual(self.decided(), ["allowed", "implicitDeny"])
        self.assertEqual(
            self.decided(action="rds:CreateDBInstance"), 2 * ["implicitDeny"]
        )

    def test_a_condition_holds_for_what_is_told_alone(self) -> None:
        self.gives(Condition={"StringEquals": {"iam:PassedToService": "ec2"}})
        self.assertEqual(self.decided()[0], "implicitDeny")
        self.assertEqual(self.decided(**{"iam:PassedToService": "ec2"})[0], "allowed")
        self.assertEqual(
            self.decided(**{"iam:PassedToService": "dlm"})[0], "implicitDeny"
        )

    def test_what_is_denied_to_the_caller_is_denied(self) -> None:
        self.gives()
        denied.choose(["ec2:RunInstances"])
        self.addCleanup(denied.reset)
        self.assertEqual(self.decided(), 2 * ["explicitDeny"])

    def test_nobody_is_not_found(self) -> None:
        """Its errors: NoSuchEntity, 404."""
        for source in (
            USER.replace("team/", ""),
            "arn:aws:iam::000000000000:role/nobody",
        ):
            with self.assertRaisesRegex(RequestError, "NoSuchEntity"):
                ask(
                    iam,
                    "SimulatePrincipalPolicy",
                    PolicySourceArn=source,
                    ActionNames=["ec2:RunInstances"],
                )
