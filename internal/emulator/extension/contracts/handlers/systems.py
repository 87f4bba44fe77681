"""Systems Manager: parameters, documents, associations; and the snapshot policies of Data Lifecycle Manager."""

import json
from collections.abc import Iterator

from .base import (
    Call,
    Handler,
    It,
    Params,
    Wanted,
    changed,
    named,
    present,
    retagged,
)


class SsmHandler(Handler):
    """A handler that tags by the service's calls. kind is how they name the type."""

    service = "ssm"
    kind = ""

    def tag(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        added, removed = retagged(old, new)
        thing = {"ResourceType": self.kind, "ResourceId": it.id}
        if added:
            yield self.call("AddTagsToResource", thing, Tags=added)
        if removed:
            yield self.call("RemoveTagsFromResource", thing, TagKeys=removed)


class Parameter(SsmHandler):
    """Tags in a template are a map here."""

    name, kind = "AWS::SSM::Parameter", "Parameter"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "PutParameter", named(new, "Name"), new.take("Type", "Value", "Description"), present("Tags", new.tags())
        )

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self.call("PutParameter", new.take("Type", "Value", "Description"), Name=it.id, Overwrite=True)
        yield from self.tag(it, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteParameter", Name=it.id)


class Document(SsmHandler):
    name, kind = "AWS::SSM::Document", "Document"
    apart = frozenset(("UpdateMethod",))
    """Tells CloudFormation whether a change makes a version or a new document."""

    @staticmethod
    def _content(new: Wanted) -> Params:
        content = new.get("Content")
        return {"Content": content if isinstance(content, str) else json.dumps(content, separators=(",", ":"))}

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "CreateDocument",
            named(new, "Name"),
            new.take("DocumentType"),
            self._content(new),
            present("Tags", new.tags()),
        )

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        if changed(old, new, "Content"):
            yield self.call("UpdateDocument", self._content(new), Name=it.id, DocumentVersion="$LATEST")
            yield self.call("UpdateDocumentDefaultVersion", Name=it.id, DocumentVersion="2")
        yield from self.tag(it, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteDocument", Name=it.id)


class Association(SsmHandler):
    name = "AWS::SSM::Association"
    apart = frozenset(("WaitForSuccessTimeoutSeconds",))
    """How long the handler itself waits."""
    MEMBERS = (
        "ApplyOnlyAtCronInterval",
        "AssociationName",
        "ComplianceSeverity",
        "MaxConcurrency",
        "MaxErrors",
        "Name",
        "OutputLocation",
        "Parameters",
        "ScheduleExpression",
        "ScheduleOffset",
        "SyncCompliance",
        "Targets",
    )

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("CreateAssociation", new.take(*self.MEMBERS))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self.call("UpdateAssociation", new.take(*self.MEMBERS), AssociationId=it.id)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteAssociation", AssociationId=it.id)


class LifecyclePolicy(Handler):
    name, service = "AWS::DLM::LifecyclePolicy", "dlm"
    MEMBERS = ("Description", "ExecutionRoleArn", "PolicyDetails", "State")

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "CreateLifecyclePolicy",
            new.take(*self.MEMBERS),
            present("Tags", {one["Key"]: one["Value"] for one in new.tags()}),
        )

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self.call("UpdateLifecyclePolicy", new.take(*self.MEMBERS), PolicyId=it.id)
        added, removed = retagged(old, new)
        if added:
            yield self.call(
                "TagResource", ResourceArn=it.attributes["Arn"], Tags={one["Key"]: one["Value"] for one in added}
            )
        if removed:
            yield self.call("UntagResource", ResourceArn=it.attributes["Arn"], TagKeys=removed)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteLifecyclePolicy", PolicyId=it.id)


HANDLERS = (Parameter(), Document(), Association(), LifecyclePolicy())
