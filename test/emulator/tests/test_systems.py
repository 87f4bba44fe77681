"""Systems Manager: parameters, documents, associations."""

import asyncio
import json
import threading
from typing import Any

from extension import associations, clock
from ministack.services import ssm

from .world import Resources, WorldTest, of, ref, server


def ask(action: str, **data: Any) -> dict[str, Any]:
    """What the SSM API answers."""
    call = ssm.handle_request(
        "POST",
        "/",
        {"x-amz-target": f"AmazonSSM.{action}"},
        json.dumps(data).encode(),
        {},
    )
    _, _, body = asyncio.run(call)
    answer: dict[str, Any] = json.loads(body)
    return answer


def revision(
    git_ref: str, wait: int | None = None, command: str = "deploy"
) -> Resources:
    """A server with a document that an association runs on it."""
    text = {
        "schemaVersion": "2.2",
        "parameters": {"gitRef": {"type": "String"}},
        "mainSteps": [
            {
                "action": "aws:runShellScript",
                "name": "run",
                "inputs": {"runCommand": [command]},
            }
        ],
    }
    return {
        **server(),
        "Document": of(
            "SSM::Document",
            DocumentType="Command",
            UpdateMethod="NewVersion",
            Content=text,
        ),
        "Revision": of(
            "SSM::Association",
            Name=ref("Document"),
            Parameters={"gitRef": [git_ref]},
            Targets=[{"Key": "InstanceIds", "Values": [ref("Server")]}],
            **({"WaitForSuccessTimeoutSeconds": wait} if wait else {}),
        ),
    }


class Parameters(WorldTest):
    def parameter(self, value: str) -> Resources:
        return {
            "Parameter": of(
                "SSM::Parameter", Name="/backend/boot", Type="String", Value=value
            )
        }

    def test_a_value_changes_in_place(self) -> None:
        """aws-resource-ssm-parameter.html: Value, no interruption; each change is a version."""
        stack = self.made(self.parameter("one"))
        self.updated(stack, self.parameter("two"))
        shown = ask("GetParameter", Name="/backend/boot")["Parameter"]
        self.assertEqual((shown["Value"], shown["Version"]), ("two", 2))

    def test_a_value_that_is_too_long(self) -> None:
        """systems-manager/latest/userguide/parameter-store-advanced-parameters.html: 4 KB in the standard tier."""
        self.made(self.parameter("x" * 4096))
        self.refused(
            "ValidationException",
            {"Other": of("SSM::Parameter", Name="/b", Type="String", Value="x" * 4097)},
            name="Other",
        )


class Documents(WorldTest):
    def test_new_content_is_a_new_version(self) -> None:
        """aws-resource-ssm-document.html, UpdateMethod: NewVersion makes it the default."""
        stack = self.made(revision("one"))
        name = stack.physical("Document")
        self.updated(stack, revision("one", command="deploy better"))
        self.assertEqual(stack.physical("Document"), name)
        shown = ask("DescribeDocument", Name=name)["Document"]
        self.assertEqual((shown["DefaultVersion"], shown["LatestVersion"]), ("2", "2"))
        self.assertIn("deploy better", ask("GetDocument", Name=name)["Content"])
        self.assertNotIn(
            "better", ask("GetDocument", Name=name, DocumentVersion="1")["Content"]
        )

    def test_without_it_the_document_is_replaced(self) -> None:
        """aws-resource-ssm-document.html, UpdateMethod: Replace is the default."""
        before, after = revision("one"), revision("one", command="other")
        for resources in (before, after):
            del resources["Document"]["Properties"]["UpdateMethod"]
        stack = self.made(before)
        name = stack.physical("Document")
        self.updated(stack, after)
        self.assertNotEqual(stack.physical("Document"), name)
        self.assertIn("InvalidDocument", json.dumps(ask("DescribeDocument", Name=name)))

    def test_one_that_is_used_stays(self) -> None:
        """API_DeleteDocument: AssociatedInstances."""
        stack = self.made(revision("one"))
        self.assertIn(
            "AssociatedInstances",
            json.dumps(ask("DeleteDocument", Name=stack.physical("Document"))),
        )

    def test_content_that_is_none(self) -> None:
        """API_CreateDocument: InvalidDocumentContent."""
        self.refused(
            "InvalidDocumentContent",
            {
                "Document": of(
                    "SSM::Document",
                    DocumentType="Command",
                    Content={"schemaVersion": "2.2"},
                )
            },
        )


class Associations(WorldTest):
    def test_it_runs_when_made_and_when_changed(self) -> None:
        """API_UpdateAssociation: "the association immediately runs"; aws-resource-ssm-association.html: in place."""
        stack = self.made(revision("one"))
        association = stack.physical("Revision")
        self.updated(stack, revision("two"))
        self.assertEqual(stack.physical("Revision"), association)
        runs = ask("DescribeAssociationExecutions", AssociationId=association)[
            "AssociationExecutions"
        ]
        self.assertEqual(
            [(one["AssociationVersion"], one["Status"]) for one in runs],
            [("2", "Success"), ("1", "Success")],
        )
        shown = ask("DescribeAssociation", AssociationId=association)[
            "AssociationDescription"
        ]
        self.assertEqual(
            (shown["Parameters"], shown["Overview"]["Status"]),
            ({"gitRef": ["two"]}, "Success"),
        )
        self.assertEqual(
            [one["AssociationId"] for one in ask("ListAssociations")["Associations"]],
            [association],
        )
        (target,) = ask(
            "DescribeAssociationExecutionTargets",
            AssociationId=association,
            ExecutionId=runs[0]["ExecutionId"],
        )["AssociationExecutionTargets"]
        self.assertEqual(target["ResourceId"], stack.physical("Server"))

    def test_a_failure_that_is_waited_for_fails_the_update(self) -> None:
        """aws-resource-ssm-association.html, WaitForSuccessTimeoutSeconds; the old revision runs again."""
        stack = self.made(revision("one", 60))
        associations.behave(associations.Behaviour("failed", count=1))
        self.assertEqual(stack.update(revision("two", 60)), "UPDATE_ROLLBACK_COMPLETE")
        shown = ask("DescribeAssociation", AssociationId=stack.physical("Revision"))[
            "AssociationDescription"
        ]
        self.assertEqual(
            (shown["Parameters"], shown["Overview"]["Status"]),
            ({"gitRef": ["one"]}, "Success"),
        )

    def test_a_failure_that_nobody_waits_for(self) -> None:
        associations.behave(associations.Behaviour("failed"))
        stack = self.made(revision("one"))
        shown = ask("DescribeAssociation", AssociationId=stack.physical("Revision"))[
            "AssociationDescription"
        ]
        self.assertEqual(shown["Overview"]["Status"], "Failed")

    def test_one_that_takes_too_long(self) -> None:
        """WaitForSuccessTimeoutSeconds: the stack waits no longer."""
        associations.behave(associations.Behaviour(delaySeconds=3600))
        with _Flying():
            self.assertEqual(
                self.stack(revision("one", 30)).status(), "ROLLBACK_COMPLETE"
            )

    def test_what_does_not_exist(self) -> None:
        """API_CreateAssociation: InvalidDocument, InvalidParameters."""
        wrong = revision("one")
        wrong["Revision"]["Properties"]["Name"] = "lost"
        self.refused("InvalidDocument", wrong)
        wrong = revision("one")
        wrong["Revision"]["Properties"]["Parameters"] = {"ref": ["one"]}
        self.refused("InvalidParameters", wrong, name="Other")

    def test_a_schedule(self) -> None:
        """systems-manager/latest/userguide/reference-cron-and-rate-expressions.html: a rate is half an hour at least."""
        for number, schedule in enumerate(
            ("rate(1 day)", "rate(30 minutes)", "cron(0 2 ? * SUN *)")
        ):
            daily = revision("one")
            daily["Revision"]["Properties"]["ScheduleExpression"] = schedule
            stack = self.made(daily, name=f"Right{number}")
            shown = ask(
                "DescribeAssociation", AssociationId=stack.physical("Revision")
            )["AssociationDescription"]
            self.assertEqual(
                (shown["ScheduleExpression"], shown["Overview"]["Status"]),
                (schedule, "Success"),
            )
        for number, schedule in enumerate(("rate(29 minutes)", "daily")):
            wrong = revision("one")
            wrong["Revision"]["Properties"]["ScheduleExpression"] = schedule
            self.refused("InvalidSchedule", wrong, name=f"Wrong{number}")


class _Flying:
    """Time that flies as long as the block runs."""

    def __enter__(self) -> None:
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._skip, daemon=True)
        self.thread.start()

    def _skip(self) -> None:
        while not self.over.wait(0.01):
            clock.skip(10)

    def __exit__(self, *problem: object) -> None:
        self.over.set()
        self.thread.join()
