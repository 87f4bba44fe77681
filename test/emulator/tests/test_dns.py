"""Records and certificates."""

import json
import time
from typing import Any

from extension import clock, models
from extension.services import dns
from ministack.services import acm, route53

from .support import Stack
from .test_early import prepared
from .world import DOMAIN, ZONE, Resources, WorldTest, of

ALIAS = {"HostedZoneId": "ZP97RAFLXTNZK", "DNSName": "alb.ap-south-1.elb.amazonaws.com"}


def record(**properties: Any) -> Resources:
    return {
        "Record": of(
            "Route53::RecordSet",
            **{
                "HostedZoneId": ZONE,
                "Name": DOMAIN,
                "Type": "A",
                "TTL": "60",
                "ResourceRecords": ["192.0.2.1"],
                **properties,
            },
        )
    }


def alias() -> Resources:
    return {
        "Record": of(
            "Route53::RecordSet",
            HostedZoneId=ZONE,
            Name=DOMAIN,
            Type="A",
            AliasTarget=ALIAS,
        )
    }


def present() -> list[dict[str, Any]]:
    return [one for one in route53._records[ZONE] if one["Name"] == f"{DOMAIN}."]


def write(**fields: Any) -> None:
    """What a hand, or another stack, has put into the zone."""
    route53._records[ZONE].append(
        {
            "Name": f"{DOMAIN}.",
            "Type": "A",
            "TTL": "60",
            "ResourceRecords": ["192.0.2.1"],
            **fields,
        }
    )


class Records(WorldTest):
    def test_an_address_becomes_an_alias_and_back(self) -> None:
        """aws-resource-route53-recordset.html: only Name and zone replace."""
        stack = self.made(record())
        self.updated(stack, alias())
        self.assertEqual(
            [one["AliasTarget"]["DNSName"] for one in present()],
            [ALIAS["DNSName"] + "."],
        )
        self.updated(stack, record())
        self.assertEqual([one["ResourceRecords"] for one in present()], [["192.0.2.1"]])

    def test_a_record_that_exists_is_refused(self) -> None:
        """An identical one too, in the stricter models: the schema of October 2026 has a read handler and a primaryIdentifier."""
        for model, status in (
            (models.REFUSE, "CREATE_COMPLETE"),
            (models.FORESEE, "FAILED"),
        ):
            with self.subTest(model):
                self.setUp()
                models.choose(liveRecord=model)
                write()
                stack = Stack("Kora")
                self.assertEqual(
                    prepared(stack, record(), ChangeSetType="CREATE")[0], status
                )
                self.assertEqual(Stack("Direct").create(record()), "ROLLBACK_COMPLETE")
                self.assertEqual(len(present()), 1)

    def test_an_equal_record_may_be_taken_over(self) -> None:
        """cloudformation-coverage-roadmap #560, comments of July 2023 and June 2026: a create over an identical record succeeds."""
        models.choose(liveRecord=models.TAKE)
        write()
        self.made(record())
        self.assertEqual(len(present()), 1)

    def test_any_other_is_not(self) -> None:
        """API_ChangeResourceRecordSets: "already exists"; the record stays."""
        for difference in ({"TTL": "300"}, {"ResourceRecords": ["192.0.2.9"]}):
            with self.subTest(difference=difference):
                self.setUp()
                models.choose(liveRecord=models.TAKE)
                write(**difference)
                self.refused("InvalidChangeBatch", record())
                self.assertEqual(
                    present()[0][next(iter(difference))],
                    next(iter(difference.values())),
                )

    def test_only_its_own_record_is_deleted(self) -> None:
        """API_ChangeResourceRecordSets, DELETE: all values have to match."""
        stack = self.made(record())
        route53._records[ZONE] = [
            one for one in route53._records[ZONE] if one not in present()
        ]
        write(ResourceRecords=["192.0.2.9"])
        self.assertEqual(stack.delete(), "DELETE_FAILED")
        self.assertEqual(present()[0]["ResourceRecords"], ["192.0.2.9"])

    def test_one_that_is_gone_is_no_hindrance(self) -> None:
        stack = self.made(record())
        route53._records[ZONE] = []
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")

    def test_a_zone_by_its_name(self) -> None:
        resources = record(HostedZoneName="example.com.")
        del resources["Record"]["Properties"]["HostedZoneId"]
        self.made(resources)

    def test_a_zone_that_is_not_there(self) -> None:
        """API_ChangeResourceRecordSets: NoSuchHostedZone."""
        self.refused("NoSuchHostedZone", record(HostedZoneId="Z1"))

    def test_a_name_of_another_zone(self) -> None:
        """API_ChangeResourceRecordSets: InvalidChangeBatch."""
        self.refused("InvalidChangeBatch", record(Name="server.example.org"))

    def test_a_cname_stands_alone(self) -> None:
        """Route53/latest/DeveloperGuide/ResourceRecordTypes.html, CNAME."""
        write()
        self.refused(
            "InvalidChangeBatch",
            record(Type="CNAME", ResourceRecords=["other.example.com"]),
        )


class Certificates(WorldTest):
    """acm/latest/userguide/dns-validation.html."""

    def certificate(self, **zone: str) -> Resources:
        options = (
            {
                "DomainValidationOptions": [
                    {"DomainName": DOMAIN, "HostedZoneId": zone["zone"]}
                ]
            }
            if zone
            else {}
        )
        return {
            "Certificate": of(
                "CertificateManager::Certificate",
                DomainName=DOMAIN,
                ValidationMethod="DNS",
                **options,
            )
        }

    def test_a_zone_proves_it(self) -> None:
        """aws-resource-certificatemanager-certificate.html: CloudFormation writes the record, and leaves it."""
        stack = self.made(self.certificate(zone=ZONE))
        (one,) = acm._certificates.values()
        wanted = one["DomainValidationOptions"][0]["ResourceRecord"]
        self.assertEqual(one["Status"], "ISSUED")
        self.assertIn(
            wanted["Name"], [record["Name"] for record in route53._records[ZONE]]
        )
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")
        self.assertIn(
            wanted["Name"], [record["Name"] for record in route53._records[ZONE]]
        )

    def test_a_zone_that_is_not_there(self) -> None:
        self.refused("NoSuchHostedZone", self.certificate(zone="Z1"))

    def waiting(self) -> Stack:
        """A stack that waits for its certificate."""
        stack = Stack("Kora")
        stack.request(
            "CreateStack", TemplateBody=json.dumps({"Resources": self.certificate()})
        )
        while not acm._certificates:
            time.sleep(0.001)
        return stack

    def test_without_one_it_waits_for_the_record(self) -> None:
        stack = self.waiting()
        (one,) = acm._certificates.values()
        self.assertEqual(
            (one["Status"], stack.status()),
            ("PENDING_VALIDATION", "CREATE_IN_PROGRESS"),
        )
        wanted = one["DomainValidationOptions"][0]["ResourceRecord"]
        status, _, body = route53._change_resource_record_sets(
            ZONE,
            f"""
            <ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>CREATE</Action><ResourceRecordSet>
            <Name>{wanted["Name"]}</Name><Type>CNAME</Type><TTL>300</TTL>
            <ResourceRecords><ResourceRecord><Value>{wanted["Value"]}</Value></ResourceRecord></ResourceRecords>
            </ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>""".strip().encode(),
        )
        self.assertEqual(status, 200, body)
        self.assertEqual(stack.wait(), "CREATE_COMPLETE")

    def test_or_for_who_runs_the_emulator(self) -> None:
        stack = self.waiting()
        dns.issue(DOMAIN)
        self.assertEqual(stack.wait(), "CREATE_COMPLETE")
        with self.assertRaises(KeyError):
            dns.issue(DOMAIN)

    def test_nobody_waits_for_ever(self) -> None:
        """12 hours, as others have seen."""
        stack = self.waiting()
        while (
            stack.status() == "CREATE_IN_PROGRESS"
        ):  # the wait may begin a moment later
            clock.skip(13 * 3600)
            time.sleep(0.01)
        self.assertEqual(stack.wait(), "ROLLBACK_COMPLETE")
        self.assertEqual(len(acm._certificates), 0)
