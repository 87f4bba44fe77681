"""Imports: AWSCloudFormation/latest/UserGuide/resource-import.html, resource-import-new-stack.html and protect-stack-resources.html.

The texts of refusals are those that ministack's authors, go-to-k/cdkd and users saw on AWS; what follows an import:
cloudformation-coverage-roadmap #809 and #1497, timdodgson/appliance-clinic.
"""

import json
import time
from typing import Any

from extension import faults, models
from extension.contracts import denied
from ministack.services import cloudformation, ec2, route53

from .support import RequestError, Stack
from .world import DOMAIN, KEY, ZONE, Resources, WorldTest, ask, of, ref, said

INSTANCE, HELD, RECORD = (
    "AWS::EC2::Instance",
    "AWS::EC2::EIPAssociation",
    "AWS::Route53::RecordSet",
)


class ImportTest(WorldTest):
    """A server made by hand, that holds an address to which a record points."""

    def setUp(self) -> None:
        super().setUp()
        launched = ask(
            "RunInstances",
            ImageId="ami-0123456789abcdef0",
            InstanceType="t2.micro",
            KeyName=KEY,
            TagSpecification__1__ResourceType="instance",
            TagSpecification__1__Tag__1__Key="Owner",
            TagSpecification__1__Tag__1__Value="ops",
        )
        self.instance_id = said(launched, "instanceId")
        address = ask("AllocateAddress")
        self.allocation, self.ip = (
            said(address, "allocationId"),
            said(address, "publicIp"),
        )
        ask(
            "AssociateAddress",
            AllocationId=self.allocation,
            InstanceId=self.instance_id,
        )
        self.held = said(ask("DescribeAddresses"), "associationId")
        route53._records[ZONE].append(
            {
                "Name": f"{DOMAIN}.",
                "Type": "A",
                "TTL": "300",
                "ResourceRecords": [self.ip],
            }
        )
        self.stack_ = Stack("Kora")

    @property
    def instance(self) -> dict[str, Any]:
        found: dict[str, Any] = ec2._instances[self.instance_id]
        return found

    def server(self, **properties: Any) -> Resources:
        whole = {
            "ImageId": "ami-0123456789abcdef0",
            "InstanceType": "t2.micro",
            "KeyName": KEY,
            "SubnetId": self.instance["SubnetId"],
            "SecurityGroupIds": [
                one["GroupId"] for one in self.instance["SecurityGroups"]
            ],
            "Tags": [{"Key": "Owner", "Value": "ops"}],
            **properties,
        }
        return {"Server": retained(of("EC2::Instance", **whole))}

    def hold(self) -> Resources:
        return {
            "Hold": retained(
                of(
                    "EC2::EIPAssociation",
                    AllocationId=self.allocation,
                    InstanceId=ref("Server"),
                )
            )
        }

    def record(self) -> Resources:
        return {
            "Record": retained(
                of(
                    "Route53::RecordSet",
                    "Hold",
                    HostedZoneName="example.com.",
                    Name=f"{DOMAIN}.",
                    Type="A",
                    TTL="300",
                    ResourceRecords=[self.ip],
                )
            )
        }

    def identifiers(self) -> dict[str, tuple[str, dict[str, str]]]:
        record = {
            "HostedZoneId": ZONE,
            "Type": "A",
            "SetIdentifier": "-",
            "Name": f"{DOMAIN}.",
        }
        return {
            "Server": (INSTANCE, {"InstanceId": self.instance_id}),
            "Hold": (HELD, {"Id": self.held}),
            "Record": (RECORD, record),
        }

    def prepare(self, resources: Resources, **more: Any) -> tuple[str, str]:
        """The change set's status and its reason."""
        wanted = {
            name: value
            for name, value in self.identifiers().items()
            if name in resources
        }
        self.stack_.request(
            "CreateChangeSet",
            ChangeSetName="adopt",
            ChangeSetType="IMPORT",
            **{
                "TemplateBody": json.dumps({"Resources": resources}),
                **named(wanted),
                **more,
            },
        )
        told = self.stack_.request("DescribeChangeSet", ChangeSetName="adopt")
        return told.findtext(".//Status") or "", told.findtext(".//StatusReason") or ""

    def imported(self, resources: Resources) -> str:
        self.assertEqual(self.prepare(resources)[0], "CREATE_COMPLETE")
        self.stack_.request("ExecuteChangeSet", ChangeSetName="adopt")
        return self.stack_.wait()

    def withdraw(self) -> None:
        """Deletes the change set, which ends a little after the stack's operation."""
        while (
            self.stack_.request("DescribeChangeSet", ChangeSetName="adopt").findtext(
                ".//ExecutionStatus"
            )
            == "EXECUTE_IN_PROGRESS"
        ):
            time.sleep(0.001)
        self.stack_.request("DeleteChangeSet", ChangeSetName="adopt")


def retained(resource: dict[str, Any]) -> dict[str, Any]:
    return {**resource, "DeletionPolicy": "Retain"}


def named(wanted: dict[str, tuple[str, dict[str, str]]]) -> dict[str, str]:
    """ResourcesToImport as a form has it."""
    form: dict[str, str] = {}
    for number, (logical_id, (of_type, identifier)) in enumerate(wanted.items(), 1):
        at = f"ResourcesToImport.member.{number}"
        form |= {f"{at}.ResourceType": of_type, f"{at}.LogicalResourceId": logical_id}
        for entry, (key, value) in enumerate(identifier.items(), 1):
            form |= {
                f"{at}.ResourceIdentifier.entry.{entry}.key": key,
                f"{at}.ResourceIdentifier.entry.{entry}.value": value,
            }
    return form


class Imported(ImportTest):
    def test_a_new_stack_in_order(self) -> None:
        models.choose(recordIdentifier=models.DASH)
        launched = self.instance["LaunchTime"]
        self.assertEqual(
            self.imported(self.server() | self.hold() | self.record()),
            "IMPORT_COMPLETE",
        )
        self.assertEqual(
            [self.stack_.physical(one) for one in ("Server", "Hold", "Record")],
            [self.instance_id, self.held, f"{DOMAIN}."],
        )
        told = [
            one
            for one in self.stack_.events()
            if one.endswith(("_COMPLETE", "UPDATE_IN_PROGRESS"))
        ]
        self.assertEqual(
            told,
            [
                *(f"{one} IMPORT_COMPLETE" for one in ("Server", "Hold", "Record")),
                *(
                    f"{one} {status}"
                    for one in ("Server", "Hold", "Record")
                    for status in ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
                ),
                "Kora IMPORT_COMPLETE",
            ],
        )
        self.assertEqual(self.instance["LaunchTime"], launched)
        tags = {one["Key"] for one in ec2._tags[self.instance_id]}
        self.assertEqual(
            {one for one in tags if not one.startswith("aws:cloudformation:")},
            {"Owner"},
        )
        self.assertIn("aws:cloudformation:stack-name", tags)

    def test_the_next_update_changes_what_changed(self) -> None:
        self.imported(self.server())
        self.assertEqual(
            self.stack_.update(self.server(Monitoring=True)), "UPDATE_COMPLETE"
        )
        self.assertEqual(self.instance["Monitoring"], {"State": "enabled"})

    def test_a_creation_policy_is_not_waited_for(self) -> None:
        """aws-attribute-creationpolicy.html: only when CloudFormation creates the resource."""
        server = self.server()
        server["Server"]["CreationPolicy"] = {"ResourceSignal": {"Timeout": "PT1H"}}
        self.assertEqual(self.imported(server), "IMPORT_COMPLETE")

    def test_delete_leaves_what_is_retained(self) -> None:
        self.imported(self.server() | self.hold())
        self.assertEqual(self.stack_.delete(), "DELETE_COMPLETE")
        self.assertEqual(self.instance["State"]["Name"], "running")
        self.assertEqual(said(ask("DescribeAddresses"), "associationId"), self.held)

    def test_deleting_the_review_is_the_way_back(self) -> None:
        self.prepare(self.server())
        self.stack_.request("DeleteChangeSet", ChangeSetName="adopt")
        self.assertEqual(self.stack_.delete(), "DELETE_COMPLETE")


class Refused(ImportTest):
    def test_by_the_request(self) -> None:
        server = self.server()
        bare = {
            "Server": {
                key: value
                for key, value in server["Server"].items()
                if key != "DeletionPolicy"
            }
        }
        output = {"Resources": server, "Outputs": {"Id": {"Value": ref("Server")}}}
        extra = server | {"Topic": of("SNS::Topic")}
        mismatch = self.server(InstanceId="i-0123456789abcdef0")
        for resources, more, text in (
            (bare, {}, r"\[Server\] must have DeletionPolicy attribute"),
            (
                server,
                {"TemplateBody": json.dumps(output)},
                r"cannot modify or add \[Outputs\]",
            ),
            (
                server,
                {"Tags.member.1.Key": "App", "Tags.member.1.Value": "kora"},
                r"cannot modify or add \[Tags\]",
            ),
            (
                server,
                {"RoleARN": "arn:aws:iam::1:role/x"},
                "RoleArn|invalid or cannot be assumed",
            ),
            (extra, {}, r"\[Topic\] is missing from ResourceToImport list"),
            (server | self.record(), {}, r"Unresolved resource dependencies \[Hold\]"),
            (mismatch, {}, r"The Identifier \[InstanceId\] .* does not match"),
        ):
            with self.subTest(text), self.assertRaisesRegex(RequestError, text):
                self.prepare(resources, **more)
        self.assertNotIn("Kora", cloudformation._stacks)

    def test_a_type_that_the_account_cannot_import(self) -> None:
        models.choose(notImportable=[HELD])
        with self.assertRaisesRegex(
            RequestError, rf"ResourceTypes \[{HELD}\] are not supported for Import"
        ):
            self.prepare(self.server() | self.hold())

    def test_by_the_change_set(self) -> None:
        """What names nothing, or what a stack has, fails the change set."""
        for model, status in (
            (models.NONE, "FAILED"),
            (models.DASH, "CREATE_COMPLETE"),
        ):
            self.setUp()
            models.choose(recordIdentifier=model)
            self.assertEqual(
                self.prepare(self.server() | self.hold() | self.record())[0], status
            )
        self.stack_.request("ExecuteChangeSet", ChangeSetName="adopt")
        self.stack_.wait()
        self.stack_ = Stack("Other")
        status, reason = self.prepare(self.server())
        self.assertEqual(status, "FAILED")
        self.assertRegex(
            reason,
            f"{self.instance_id} already exists in stack arn:aws:cloudformation:.*:stack/Kora/",
        )

    def test_what_the_summary_leaves_out(self) -> None:
        template = json.dumps({"Resources": self.server() | self.hold()})
        for left_out, types in (([], [HELD, INSTANCE]), ([HELD], [INSTANCE])):
            models.choose(notImportable=left_out)
            told = self.stack_.request(
                "GetTemplateSummary", TemplateBody=template, StackName=""
            )
            summaries = told.findall(".//ResourceIdentifierSummaries/member")
            self.assertEqual([one.findtext("ResourceType") for one in summaries], types)
            self.assertEqual(
                summaries[-1].findtext("ResourceIdentifiers/member"), "InstanceId"
            )


class Updated(ImportTest):
    """The update after the import, in both models."""

    def test_what_is_not_stated(self) -> None:
        for model, kept in ((models.TAG, True), (models.RESET, False)):
            with self.subTest(model):
                self.setUp()
                models.choose(afterImport=model)
                self.instance["DisableApiTermination"] = True
                self.imported(self.server(Tags=[]))
                self.assertEqual(self.instance["DisableApiTermination"], kept)
                self.assertEqual(
                    any(one["Key"] == "Owner" for one in ec2._tags[self.instance_id]),
                    kept,
                )

    def test_user_data_that_is_not_stated_stops_the_server_unless_that_is_denied(
        self,
    ) -> None:
        for guarded, status in (
            (False, "IMPORT_COMPLETE"),
            (True, "ROLLBACK_COMPLETE"),
        ):
            with self.subTest(status):
                self.setUp()
                self.instance.update(
                    UserData="aGFuZC1tYWRl", LaunchTime="2025-03-02T00:00:00.000Z"
                )
                denied.choose(["ec2:StopInstances"] if guarded else [])
                self.assertEqual(self.imported(self.server()), status)
                self.assertEqual(
                    self.instance["LaunchTime"] == "2025-03-02T00:00:00.000Z", guarded
                )
                self.assertEqual(
                    self.instance["UserData"], "aGFuZC1tYWRl" if guarded else ""
                )
                self.assertEqual(
                    "with an explicit deny" in " ".join(self.stack_.reasons()), guarded
                )
                self.assertEqual(
                    said(ask("DescribeAddresses"), "associationId"), self.held
                )

    def test_what_is_create_only_has_to_be_true(self) -> None:
        self.assertEqual(
            self.imported(self.server(KeyName="other")), "ROLLBACK_COMPLETE"
        )
        self.assertIn("NotUpdatable", " ".join(self.stack_.reasons()))
        self.setUp()
        models.choose(afterImport=models.TAG)
        self.assertEqual(self.imported(self.server(KeyName="other")), "IMPORT_COMPLETE")

    def test_faults_at_each_step(self) -> None:
        for operation in ("import", "update"):
            for logical_id in ("Server", "Hold"):
                for moment in ("before", "after"):
                    with self.subTest(f"{moment} the {operation} of {logical_id}"):
                        self.setUp()
                        faults.add(faults.Fault(operation, logical_id, moment))
                        self.assertEqual(
                            self.imported(self.server() | self.hold()),
                            "ROLLBACK_COMPLETE",
                        )
                        self.assertEqual(
                            cloudformation._stacks["Kora"]["_resources"], {}
                        )
                        self.assertEqual(self.instance["State"]["Name"], "running")
                        self.assertEqual(
                            said(ask("DescribeAddresses"), "associationId"), self.held
                        )
                        self.assertEqual(self.stack_.delete(), "DELETE_COMPLETE")
                        self.assertEqual(
                            self.imported(self.server() | self.hold()),
                            "IMPORT_COMPLETE",
                        )

    def test_into_a_stack_that_stands(self) -> None:
        topic = {"Topic": retained(of("SNS::Topic"))}
        self.stack_.create(topic)
        faults.add(faults.Fault("update", "Server", "after"))
        self.assertEqual(
            self.imported(topic | self.server()), "IMPORT_ROLLBACK_COMPLETE"
        )
        self.assertEqual(list(cloudformation._stacks["Kora"]["_resources"]), ["Topic"])
        self.withdraw()
        self.assertEqual(self.imported(topic | self.server()), "IMPORT_COMPLETE")
        self.assertEqual(
            sorted(cloudformation._stacks["Kora"]["_resources"]), ["Server", "Topic"]
        )


class Protected(ImportTest):
    """Stack policies."""

    POLICY = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "Update:*",
                "Resource": "*",
            },
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "Update:Replace",
                "Resource": ["LogicalResourceId/Server", "LogicalResourceId/Hold"],
            },
        ]
    }

    def protect(self, policy: Any) -> None:
        self.stack_.request("SetStackPolicy", StackPolicyBody=json.dumps(policy))

    def test_a_replacement_is_refused(self) -> None:
        self.imported(self.server() | self.hold())
        self.protect(self.POLICY)
        other = self.server(ImageId="ami-0fedcba9876543210")
        self.assertEqual(
            self.stack_.update(other | self.hold()), "UPDATE_ROLLBACK_COMPLETE"
        )
        self.assertIn("Action denied by stack policy", " ".join(self.stack_.reasons()))
        self.assertEqual(self.stack_.physical("Server"), self.instance_id)
        self.assertEqual(
            self.stack_.update(self.server(Monitoring=True) | self.hold()),
            "UPDATE_COMPLETE",
        )
        self.assertEqual(
            self.stack_.update(
                self.hold() | self.server(Monitoring=True) | {"Topic": of("SNS::Topic")}
            ),
            "UPDATE_COMPLETE",
        )
        self.protect(
            {
                "Statement": {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "Update:*",
                    "Resource": "*",
                }
            }
        )
        self.assertEqual(
            self.stack_.update({"Topic": of("SNS::Topic")}), "UPDATE_COMPLETE"
        )

    def test_what_is_not_allowed_is_denied(self) -> None:
        self.imported(self.server())
        for statement, status in (
            (
                {"Effect": "Allow", "Action": "Update:Modify", "Resource": "*"},
                "UPDATE_COMPLETE",
            ),
            (
                {"Effect": "Allow", "NotAction": "Update:Modify", "Resource": "*"},
                "UPDATE_ROLLBACK_COMPLETE",
            ),
            (
                {
                    "Effect": "Allow",
                    "Action": "Update:*",
                    "NotResource": "LogicalResourceId/Server",
                },
                "UPDATE_ROLLBACK_COMPLETE",
            ),
        ):
            self.protect({"Statement": [{"Principal": "*", **statement}]})
            changed = self.server(
                Monitoring=not self.instance["Monitoring"]["State"] == "enabled"
            )
            self.assertEqual(self.stack_.update(changed), status, statement)

    def test_a_removal_may_be_denied(self) -> None:
        self.imported(self.server() | self.hold())
        self.protect(
            {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "Update:Modify",
                        "Resource": "*",
                    }
                ]
            }
        )
        self.assertEqual(self.stack_.update(self.server()), "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(self.stack_.physical("Hold"), self.held)

    def test_what_is_no_policy(self) -> None:
        self.imported(self.server())
        for body, text in (
            ("{}", "Invalid stack policy"),
            ('{"Statement": [{"Effect": "Maybe"}]}', "Invalid stack policy"),
            (
                '{"Statement": [{"Effect": "Deny", "Condition": {}}]}',
                "does not hold Condition",
            ),
        ):
            with self.subTest(body), self.assertRaisesRegex(RequestError, text):
                self.stack_.request("SetStackPolicy", StackPolicyBody=body)


class Denied(ImportTest):
    def test_what_stops_ends_or_unhooks(self) -> None:
        """using-iam-servicerole.html: without a role of its own, CloudFormation acts with the caller's rights."""
        self.imported(self.server() | self.hold())
        denied.choose(
            ["ec2:StopInstances", "ec2:TerminateInstances", "ec2:DisassociateAddress"]
        )
        self.assertEqual(
            self.stack_.update(
                self.server(InstanceType="t2.small", Monitoring=True) | self.hold()
            ),
            "UPDATE_ROLLBACK_FAILED",
        )
        self.assertEqual(self.instance["InstanceType"], "t2.micro")
        self.assertEqual(self.instance["State"]["Name"], "running")

    def test_a_removal(self) -> None:
        loose = {
            name: {**one, "DeletionPolicy": "Delete"}
            for name, one in (self.server() | self.hold()).items()
        }
        self.imported(loose)
        denied.choose(["ec2:TerminateInstances", "ec2:DisassociateAddress"])
        self.assertEqual(self.stack_.delete(), "DELETE_FAILED")
        self.assertEqual(said(ask("DescribeAddresses"), "associationId"), self.held)

    def test_any_other_call(self) -> None:
        self.imported(self.server())
        denied.choose(["ec2:MonitorInstances"])
        self.assertEqual(
            self.stack_.update(self.server(Monitoring=True)), "UPDATE_ROLLBACK_COMPLETE"
        )
        self.assertEqual(self.instance["Monitoring"], {"State": "disabled"})

    def test_an_action_that_aws_has(self) -> None:
        with self.assertRaisesRegex(ValueError, "ec2:StopInstance"):
            denied.choose(["ec2:StopInstance"])


class Drift(ImportTest):
    def drifts(self) -> dict[str, str]:
        self.stack_.request("DetectStackDrift")
        told = self.stack_.request("DescribeStackResourceDrifts")
        return {
            one.findtext("LogicalResourceId") or "": one.findtext(
                "StackResourceDriftStatus"
            )
            or ""
            for one in told.findall(".//StackResourceDrifts/member")
        }

    def test_what_was_imported_is_as_it_is_stated(self) -> None:
        """resource-import.html: "We recommend running drift detection after the import"."""
        models.choose(recordIdentifier=models.DASH)
        self.imported(self.server() | self.hold() | self.record())
        self.assertEqual(
            self.drifts(), dict.fromkeys(("Server", "Hold", "Record"), "IN_SYNC")
        )

    def test_what_hands_changed(self) -> None:
        models.choose(recordIdentifier=models.DASH)
        self.imported(self.server() | self.hold() | self.record())
        self.instance["KeyName"] = "other"
        route53._records[ZONE][-1]["TTL"] = "60"
        ask("DisassociateAddress", AssociationId=self.held)
        self.assertEqual(
            self.drifts(),
            {"Server": "MODIFIED", "Hold": "DELETED", "Record": "MODIFIED"},
        )
