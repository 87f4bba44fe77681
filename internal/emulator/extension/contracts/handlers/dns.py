"""Records of Route 53, and certificates of Certificate Manager."""

from collections.abc import Iterator
from typing import Any

from .base import Call, Handler, It, Params, Wanted, present, retagged

ZONE = "Z0123456789ABCDEFGHIJ"
"""Stands for the zone that has the name HostedZoneName."""


class RecordSet(Handler):
    name, service = "AWS::Route53::RecordSet", "route53"

    def _change(self, record: Wanted, action: str) -> Params:
        """One change of a batch. A template lists the values as texts."""
        values = record.get("ResourceRecords")
        listed = [{"Value": value} for value in values] if isinstance(values, list) else values
        return {
            "Action": action,
            "ResourceRecordSet": {
                **record.take("Name", "Type", "TTL"),
                **self._alias(record),
                **present("ResourceRecords", listed),
            },
        }

    @staticmethod
    def _alias(record: Wanted) -> Params:
        """EvaluateTargetHealth is false where the template leaves it out."""
        alias = record.get("AliasTarget")
        return {"AliasTarget": {"EvaluateTargetHealth": False, **alias}} if isinstance(alias, dict) else {}

    def _batch(self, record: Wanted, *changes: Params) -> Call:
        zone = record.get("HostedZoneId") or (ZONE if record.get("HostedZoneName") else None)
        return self.call(
            "ChangeResourceRecordSets", present("HostedZoneId", zone), ChangeBatch={"Changes": list(changes)}
        )

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self._batch(new, self._change(new, "CREATE"))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        if old.get("Type") == new.get("Type"):
            yield self._batch(new, self._change(new, "UPSERT"))
        else:
            yield self._batch(new, self._change(old, "DELETE"), self._change(new, "CREATE"))

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self._batch(old, self._change(old, "DELETE"))


class Certificate(Handler):
    name, service = "AWS::CertificateManager::Certificate", "acm"

    def create(self, new: Wanted) -> Iterator[Call]:
        """Where a validation option names a zone, CloudFormation writes the record there."""
        yield self.call(
            "RequestCertificate",
            new.take("DomainName", "SubjectAlternativeNames", "ValidationMethod"),
            present("Tags", new.tags()),
        )
        for option in new.get("DomainValidationOptions") or []:
            yield Call("route53", "ChangeResourceRecordSets", self._proof(option))

    @staticmethod
    def _proof(option: dict[str, Any]) -> Params:
        record = {
            "Name": f"_{'0' * 32}.{option.get('DomainName', '').removeprefix('*.')}.",
            "Type": "CNAME",
            "TTL": 300,
            "ResourceRecords": [{"Value": f"_{'0' * 32}.acm-validations.aws."}],
        }
        return {
            "HostedZoneId": option.get("HostedZoneId"),
            "ChangeBatch": {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]},
        }

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        added, removed = retagged(old, new)
        if added:
            yield self.call("AddTagsToCertificate", CertificateArn=it.id, Tags=added)
        if removed:
            yield self.call("RemoveTagsFromCertificate", CertificateArn=it.id, Tags=[{"Key": one} for one in removed])

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteCertificate", CertificateArn=it.id)


HANDLERS = (RecordSet(), Certificate())
