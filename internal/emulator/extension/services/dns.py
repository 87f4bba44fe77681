"""DNS records and the certificates that they prove."""

import hashlib
import json
from typing import Any

from ministack.core.responses import error_response_json, json_response, now_iso
from ministack.services import acm, alb, route53
from ministack.services.cloudformation import provisioners

from .. import actions, models, waiting
from ..resources import Made, Place, Properties, Refusal, ResourceType

RECORD_SERVICE, CERTIFICATE_SERVICE = "Route53", "AWSCertificateManager"
PENDING, ISSUED = "PENDING_VALIDATION", "ISSUED"
PATIENCE = 12 * 3600.0
"""Seconds that CloudFormation gives a certificate to be validated; seen by others, in no page of AWS."""

Record = dict[str, Any]


# ---- records


class RecordSet(ResourceType):
    """A record. Its type and values change in place, in one step (API_ChangeResourceRecordSets.html: UPSERT).

    A create over a record that exists is refused: models.py. That it succeeds when both are the same, the TTL too
    (github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/560, last seen in June 2026), is older than the type's
    handlers of autumn 2026. Route 53's own CREATE always refuses.
    """

    name = "AWS::Route53::RecordSet"
    holds = frozenset(
        (
            "HostedZoneId",
            "HostedZoneName",
            "Name",
            "Type",
            "TTL",
            "ResourceRecords",
            "AliasTarget.HostedZoneId",
            "AliasTarget.DNSName",
            "AliasTarget.EvaluateTargetHealth",
        )
    )
    replaces = frozenset(("HostedZoneId", "HostedZoneName", "Name"))
    identified_by = ("HostedZoneId", "HostedZoneName", "Name", "Type")

    def foreseen(self) -> bool:
        return models.current.liveRecord == models.FORESEE

    def taken(self, properties: Properties) -> bool:
        if models.current.liveRecord == models.TAKE or not {"Name", "Type"} <= properties.keys():
            return False
        try:
            return _present(_zone(properties), _record(properties)) is not None
        except Refusal:
            return False  # there is no such zone, which the create says

    def imported_by(self) -> tuple[str, ...]:
        """The schema's four parts, of which a simple record has three: models.py."""
        three = ("HostedZoneId", "Type", "Name")
        return three if models.current.recordIdentifier == models.ABSENT else (*three[:2], "SetIdentifier", "Name")

    def adopt(self, identifier: dict[str, str]) -> Made:
        wanted = {"Name": route53._normalise_name(identifier["Name"]), "Type": identifier["Type"]}
        fits = models.current.recordIdentifier != models.NONE and identifier.get("SetIdentifier", "-") == "-"
        if not fits or _present(identifier["HostedZoneId"], wanted) is None:
            told = "|".join(identifier[one] for one in self.imported_by())
            said = f"Resource of type '{self.name}' with identifier '{told}' was not found."
            raise Refusal(RECORD_SERVICE, "NotFound", said)
        return wanted["Name"], {}

    def actual(self, physical_id: str) -> Properties:
        zone_id, record = next(
            (zone_id, one)
            for zone_id, records in route53._records.items()
            for one in records
            if one["Name"] == physical_id and one["Type"] == "A"
        )
        return {**record, "HostedZoneName": route53._zones[zone_id]["name"], "HostedZoneId": zone_id}

    def create(self, place: Place, properties: Properties) -> Made:
        zone_id, record = _zone(properties), _record(properties)
        present = _present(zone_id, record)
        if present is not None and _differ(present, record):
            raise Refusal(
                RECORD_SERVICE,
                "InvalidChangeBatch",
                f"[Tried to create resource record set [name='{record['Name']}', "
                f"type='{record['Type']}'] but it already exists]",
            )
        self._check_neighbours(zone_id, record)
        _put(zone_id, record, None)
        return record["Name"], {}

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        zone_id, record, before = _zone(new), _record(new), _record(old)
        if before["Type"] != record["Type"] and _present(zone_id, record):
            raise Refusal(
                RECORD_SERVICE,
                "InvalidChangeBatch",
                f"[Tried to create resource record set [name='{record['Name']}', "
                f"type='{record['Type']}'] but it already exists]",
            )
        _put(zone_id, record, before)
        return record["Name"], {}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        """Only exactly this record is deleted; one that was changed meanwhile refuses."""
        try:
            zone_id = _zone(properties)
        except Refusal:
            return
        record = _record(properties)
        present = _present(zone_id, record)
        if present is None:
            return
        if _differ(present, record):
            raise Refusal(
                RECORD_SERVICE,
                "InvalidChangeBatch",
                f"[Tried to delete resource record set [name='{record['Name']}', "
                f"type='{record['Type']}'] but the values provided do not match the current values]",
            )
        with route53._lock:
            route53._records[zone_id] = [
                one for one in route53._records[zone_id] if route53._rs_key(one) != route53._rs_key(record)
            ]

    @staticmethod
    def _check_neighbours(zone_id: str, record: Record) -> None:
        """A CNAME stands alone (Route53/latest/DeveloperGuide/ResourceRecordTypes.html, "CNAME")."""
        others = [
            one for one in route53._records[zone_id] if one["Name"] == record["Name"] and one["Type"] != record["Type"]
        ]
        if any("CNAME" in (one["Type"], record["Type"]) for one in others):
            raise Refusal(
                RECORD_SERVICE,
                "InvalidChangeBatch",
                f"[RRSet of type {record['Type']} with DNS name {record['Name']} is not "
                "permitted as a conflicting RRSet with the same DNS name already exists]",
            )


def found(properties: Properties) -> Properties | None:
    """What the zone has in the record's place, as a template would say it; None for nothing."""
    record = _present(_zone(properties), _record(properties))
    return None if record is None else {**record, "Name": properties["Name"]}


def _zone(properties: Properties) -> str:
    """The id of the zone that an id or a name gives; the record has to be inside."""
    zone_id, name = (
        properties.get("HostedZoneId", "").removeprefix("/hostedzone/"),
        properties.get("HostedZoneName", ""),
    )
    zones = [
        one
        for one in route53._zones.values()
        if zone_id == one["id"] or (not zone_id and one["name"] == route53._normalise_name(name))
    ]
    if not zones:
        raise Refusal(
            RECORD_SERVICE,
            "NoSuchHostedZone",
            f"No hosted zone found with ID: {zone_id}" if zone_id else f"No hosted zones named {name} found",
        )
    if len(zones) > 1:
        raise Refusal(
            RECORD_SERVICE, "InvalidInput", f"Found more than one hosted zone named {name}. Use HostedZoneId."
        )
    record = route53._normalise_name(properties["Name"])
    if not f".{record}".endswith(f".{zones[0]['name']}"):
        raise Refusal(
            RECORD_SERVICE,
            "InvalidChangeBatch",
            f"[RRSet with DNS name {record} is not permitted in zone {zones[0]['name']}]",
        )
    return str(zones[0]["id"])


def _record(properties: Properties) -> Record:
    record: Record = provisioners._r53_record_set_build_rs(properties)
    return {**record, "Name": record["Name"].lower()}


def _present(zone_id: str, record: Record) -> Record | None:
    return next(
        (one for one in route53._records.get(zone_id, []) if route53._rs_key(one) == route53._rs_key(record)), None
    )


def _differ(one: Record, other: Record) -> bool:
    return bool(route53._rs_values(one) != route53._rs_values(other))


def _put(zone_id: str, record: Record, before: Record | None) -> None:
    """Write the record in the place of what it was."""
    keys = {route53._rs_key(record)} | ({route53._rs_key(before)} if before else set())
    with route53._lock:
        route53._records[zone_id] = [
            one for one in route53._records.get(zone_id, []) if route53._rs_key(one) not in keys
        ] + [record]
    _validate()


# ---- certificates


class Certificate(ResourceType):
    """A certificate. It is issued once each of its names has its validation record; a name with a hosted zone
    gets it from CloudFormation, which leaves the record behind when the certificate goes
    (AWSCloudFormation/latest/UserGuide/aws-resource-certificatemanager-certificate.html)."""

    name = "AWS::CertificateManager::Certificate"
    holds = frozenset(
        (
            "DomainName",
            "SubjectAlternativeNames",
            "DomainValidationOptions.DomainName",
            "DomainValidationOptions.HostedZoneId",
            "ValidationMethod",
            "Tags.*",
        )
    )
    replaces = frozenset(("DomainName", "SubjectAlternativeNames", "DomainValidationOptions", "ValidationMethod"))

    def create(self, place: Place, properties: Properties) -> Made:
        zones = {one["DomainName"]: one["HostedZoneId"] for one in properties.get("DomainValidationOptions", [])}
        for zone_id in zones.values():
            if zone_id not in route53._zones:
                raise Refusal(RECORD_SERVICE, "NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}")
        arn = request(
            properties["DomainName"], properties.get("SubjectAlternativeNames", []), properties.get("Tags", [])
        )
        certificate = acm._certificates[arn]
        place.tell(
            "CREATE_IN_PROGRESS",
            f"Content of DNS Record is: {certificate['DomainValidationOptions'][0]['ResourceRecord']}",
        )
        for option in certificate["DomainValidationOptions"]:
            if option["DomainName"] in zones:
                wanted = option["ResourceRecord"]
                _put(
                    zones[option["DomainName"]],
                    {
                        "Name": wanted["Name"],
                        "Type": wanted["Type"],
                        "TTL": "300",
                        "ResourceRecords": [wanted["Value"]],
                    },
                    None,
                )
        try:
            waiting.until(place, lambda: certificate["Status"] == ISSUED, PATIENCE, f"{arn} was not validated in time")
        except Exception:
            acm._certificates.pop(arn, None)
            raise
        return arn, {"CertificateArn": arn}

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        acm._certificates[physical_id]["Tags"] = [dict(tag) for tag in new.get("Tags", [])]
        return physical_id, {"CertificateArn": physical_id}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        if physical_id in acm._certificates:
            keep_used(physical_id)
            del acm._certificates[physical_id]


def request(domain: str, others: list[str], tags: list[dict[str, str]]) -> str:
    """A certificate that waits for its validation records; its ARN."""
    arn, now = acm._cert_arn(), now_iso()
    names = list(dict.fromkeys([domain, *others]))
    acm._certificates[arn] = {
        "CertificateArn": arn,
        "DomainName": domain,
        "SubjectAlternativeNames": names,
        "Status": PENDING,
        "Type": "AMAZON_ISSUED",
        "CreatedAt": now,
        "NotAfter": acm._future_iso(395 * 86400),
        "ValidationMethod": "DNS",
        "DomainValidationOptions": [_option(name, arn) for name in names],
        "Tags": [dict(tag) for tag in tags],
        "Options": {},
        "_pem_body": acm._synthetic_pem(domain),
        "_pem_chain": "",
        "_private_key": "",
    }
    _validate()
    return str(arn)


def _option(name: str, arn: str) -> dict[str, Any]:
    """The record that proves a name: the same for every certificate of this account
    (acm/latest/userguide/dns-validation.html)."""
    base = name.removeprefix("*.")
    code = hashlib.sha256(base.encode()).hexdigest()
    record = {"Name": f"_{code[:32]}.{base}.", "Type": "CNAME", "Value": f"_{code[32:]}.acm-validations.aws."}
    return {
        "DomainName": name,
        "ValidationDomain": name,
        "ValidationMethod": "DNS",
        "ValidationStatus": PENDING,
        "ResourceRecord": record,
    }


def _validate() -> None:
    """Issue the certificates whose records are all there."""
    present = {
        (one["Name"], one["Type"], value)
        for records in route53._records.values()
        for one in records
        for value in one.get("ResourceRecords", [])
    }
    for certificate in acm._certificates.values():
        if certificate["Status"] != PENDING:
            continue
        for option in certificate["DomainValidationOptions"]:
            if tuple(option["ResourceRecord"].values()) in present:
                option["ValidationStatus"] = "SUCCESS"
        if all(option["ValidationStatus"] == "SUCCESS" for option in certificate["DomainValidationOptions"]):
            certificate.update(Status=ISSUED, IssuedAt=now_iso(), NotBefore=now_iso())


def keep_used(arn: str) -> None:
    """Refuse the removal of a certificate that a listener serves (acm/latest/APIReference/API_DeleteCertificate.html)."""
    if _users(arn):
        raise Refusal(
            CERTIFICATE_SERVICE,
            "ResourceInUseException",
            f"Certificate {arn} in account {arn.split(':')[4]} is in use.",
        )


def _users(arn: str) -> list[str]:
    """The balancers whose listeners serve the certificate."""
    listeners = [one for one in alb._listeners.values() if arn in json.dumps(one.get("Certificates", []))]
    return sorted({one["LoadBalancerArn"] for one in listeners})


def issue(domain: str) -> None:
    """Let the certificates of that name be validated without their records, KeyError where none waits."""
    waiting_ones = [
        one for one in acm._certificates.values() if (one["DomainName"], one["Status"]) == (domain, PENDING)
    ]
    if not waiting_ones:
        raise KeyError(f"no certificate of {domain} waits to be validated")
    for option in (option for one in waiting_ones for option in one["DomainValidationOptions"]):
        option["ValidationStatus"] = "SUCCESS"
    _validate()


# ---- the APIs


async def _request(data: dict[str, Any]) -> actions.Response:
    arn = request(data["DomainName"], data.get("SubjectAlternativeNames", []), data.get("Tags", []))
    answer: actions.Response = json_response({"CertificateArn": arn})
    return answer


async def _delete(data: dict[str, Any]) -> actions.Response:
    try:
        keep_used(data["CertificateArn"])
    except Refusal as problem:
        refused: actions.Response = error_response_json(problem.code, problem.message, 400)
        return refused
    answer: actions.Response = acm._delete_certificate(data)
    return answer


ACTIONS = {"RequestCertificate": _request, "DeleteCertificate": _delete}


def install() -> None:
    """Certificates wait for their records, however these come."""
    others, change, shape = acm.handle_request, route53._change_resource_record_sets, acm._cert_shape

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> actions.Response:
        action = ACTIONS.get(headers.get("x-amz-target", "").rsplit(".", 1)[-1])
        if action:
            return await action(json.loads(body))
        answer: actions.Response = await others(method, path, headers, body, query)
        return answer

    def changed(zone_id: str, body: bytes) -> actions.Response:
        answer: actions.Response = change(zone_id, body)
        _validate()
        return answer

    def described(certificate: dict[str, Any]) -> dict[str, Any]:
        whole: dict[str, Any] = shape(certificate)
        issued = ("IssuedAt", "NotBefore", "NotAfter") if certificate["Status"] == PENDING else ()
        return {
            **{key: value for key, value in whole.items() if key not in issued},
            "InUseBy": _users(certificate["CertificateArn"]),
        }

    acm.handle_request, route53._change_resource_record_sets, acm._cert_shape = handle, changed, described


TYPES = (RecordSet(), Certificate())
