"""Requests over the wire: read back as they were meant, and refused in the form of their protocol.

What botocore's serializers write is what AWS reads; the answers have the forms that its parsers read.
"""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import botocore.parsers
import botocore.serialize

from extension.contracts import models, wire

from .support import EmulatorTest

ALIKE = {
    "GetBucketLifecycle",
    "GetBucketNotification",
    "ListDirectoryBuckets",
    "PutBucketLifecycle",
    "PutBucketNotification",
}
"""Operations of S3 that travel as another one does, which has taken their place; directory buckets have a host of their own."""
PROTOCOLS = {"cloudwatch": ("smithy-rpc-v2-cbor", "query", "json")}
"""The protocols of a service that has several."""
LEAVES: dict[str, Any] = {
    "string": "text",
    "integer": 7,
    "long": 7,
    "float": 1.5,
    "double": 1.5,
    "boolean": True,
    "blob": b"bytes",
    "timestamp": "2026-01-01T00:00:00Z",
}


def sample(shape: Any, above: tuple[str, ...] = ()) -> Any:
    """A value with every member; None where a shape stands in itself."""
    if shape.type_name in LEAVES:
        return LEAVES[shape.type_name]
    if shape.type_name == "structure":
        if shape.name in above or len(above) > 5:
            return None
        members = {
            name: sample(member, (*above, shape.name))
            for name, member in shape.members.items()
        }
        return {
            name: value for name, value in members.items() if value is not None
        } or None
    inner = sample(shape.value if shape.type_name == "map" else shape.member, above)
    if inner is None:
        return None
    return {"k1": inner, "k2": inner} if shape.type_name == "map" else [inner, inner]


def plain(value: Any) -> Any:
    """A value as text, however its protocol writes it; a time is a time."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return (
        "a time" if "2026" in str(value) or "1767225600" in str(value) else str(value)
    )


class Request:
    """A request as botocore writes it."""

    def __init__(self, protocol: str, model: Any, params: dict[str, Any]) -> None:
        made = botocore.serialize.create_serializer(
            protocol, include_validation=False
        ).serialize_to_request(params, model)
        self.method, self.body = made["method"], made["body"] or b""
        self.headers = {
            key.lower(): str(value) for key, value in made["headers"].items()
        }
        if isinstance(self.body, dict):
            self.body = urlencode(self.body)
            self.headers["content-type"] = (
                "application/x-www-form-urlencoded; charset=utf-8"
            )
        self.body = self.body.encode() if isinstance(self.body, str) else self.body
        path, _, query = made["url_path"].partition("?")
        more = made.get("query_string") or {}
        self.path = unquote(path)
        self.query = parse_qs(
            "&".join(one for one in (query, urlencode(more, doseq=True)) if one),
            keep_blank_values=True,
        )

    def read(self, service: str) -> Any:
        """The call that it is read as."""
        form = wire._form(self.headers, self.body, self.query)
        return wire.read(
            service, self.method, self.path, self.headers, self.body, form
        )[0]

    def refusal(self, signed: str) -> Any:
        """What it is refused with; signed is the service's name in the signature."""
        self.headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential=test/20260101/ap-south-1/{signed}/aws4_request"
        )
        return wire.refusal(self.method, self.path, self.headers, self.body, self.query)


def operations() -> Iterator[tuple[str, str, Any]]:
    """Every operation that takes anything, of every service, in every protocol."""
    for service in sorted(set(wire.SERVICES.values())):
        model = models.service(service)
        for protocol in PROTOCOLS.get(service, (model.protocol,)):
            yield from (
                (service, protocol, model.operation_model(name))
                for name in model.operation_names
                if name not in ALIKE and model.operation_model(name).input_shape
            )


class Reading(EmulatorTest):
    def test_every_operation_is_read_back(self) -> None:
        for service, protocol, model in operations():
            params = sample(model.input_shape)
            if params is None:
                continue
            with self.subTest(service, protocol=protocol, operation=model.name):
                call = Request(protocol, model, params).read(service)
                payload = model.input_shape.serialization.get("payload")
                apart = (
                    {payload}
                    if payload
                    and model.input_shape.members[payload].type_name != "structure"
                    else set()
                )
                self.assertEqual(
                    (call.operation, plain(call.params)),
                    (
                        model.name,
                        plain(
                            {
                                key: value
                                for key, value in params.items()
                                if key not in apart
                            }
                        ),
                    ),
                )


class Refusing(EmulatorTest):
    """One call of each protocol that breaks a constraint; and the same call that keeps it."""

    CASES: tuple[
        tuple[str, str, str, str, dict[str, Any], dict[str, Any], str], ...
    ] = (
        (
            "ec2",
            "ec2",
            "ec2",
            "CreateSecurityGroup",
            {"GroupName": "a", "Description": "The backend's"},
            {"GroupName": "a", "Description": "The backend"},
            "InvalidParameterValue",
        ),
        (
            "autoscaling",
            "autoscaling",
            "query",
            "SetDesiredCapacity",
            {"AutoScalingGroupName": ""},
            {"AutoScalingGroupName": "a", "DesiredCapacity": 1},
            "ValidationError",
        ),
        (
            "cloudformation",
            "cloudformation",
            "query",
            "CreateStack",
            {"StackName": "1st", "TemplateBody": "{}"},
            {"StackName": "first", "TemplateBody": "{}"},
            "ValidationError",
        ),
        (
            "ssm",
            "ssm",
            "json",
            "PutParameter",
            {"Name": "/aws/one", "Value": "1"},
            {"Name": "/one", "Value": "1"},
            "ValidationException",
        ),
        (
            "logs",
            "logs",
            "json",
            "PutRetentionPolicy",
            {"logGroupName": "a", "retentionInDays": 2},
            {"logGroupName": "a", "retentionInDays": 3},
            "InvalidParameterException",
        ),
        (
            "cloudwatch",
            "monitoring",
            "smithy-rpc-v2-cbor",
            "DeleteAlarms",
            {"AlarmNames": ["a"] * 101},
            {"AlarmNames": ["a"] * 100},
            "ValidationError",
        ),
        (
            "cloudwatch",
            "monitoring",
            "query",
            "DeleteAlarms",
            {"AlarmNames": ["a"] * 101},
            {"AlarmNames": ["a"] * 100},
            "ValidationError",
        ),
        (
            "route53",
            "route53",
            "rest-xml",
            "ChangeResourceRecordSets",
            {"HostedZoneId": "Z" * 33, "ChangeBatch": {"Changes": []}},
            {
                "HostedZoneId": "Z" * 32,
                "ChangeBatch": {
                    "Changes": [
                        {
                            "Action": "DELETE",
                            "ResourceRecordSet": {
                                "Name": "a.",
                                "Type": "A",
                                "TTL": 60,
                                "ResourceRecords": [{"Value": "192.0.2.1"}],
                            },
                        }
                    ]
                },
            },
            "InvalidInput",
        ),
        (
            "s3",
            "s3",
            "rest-xml",
            "PutBucketVersioning",
            {"Bucket": "kora", "VersioningConfiguration": {"Status": "On"}},
            {"Bucket": "kora", "VersioningConfiguration": {"Status": "Enabled"}},
            "InvalidArgument",
        ),
        (
            "s3",
            "s3",
            "rest-xml",
            "CreateBucket",
            {"Bucket": "Kora"},
            {"Bucket": "kora"},
            "InvalidBucketName",
        ),
        (
            "dlm",
            "dlm",
            "rest-json",
            "GetLifecyclePolicies",
            {"State": "ON"},
            {"State": "ENABLED"},
            "InvalidRequestException",
        ),
    )

    def test_each_protocol(self) -> None:
        for service, signed, protocol, operation, breaks, keeps, code in self.CASES:
            with self.subTest(service, protocol=protocol, operation=operation):
                model = models.operation(service, operation)
                status, headers, body = Request(protocol, model, breaks).refusal(signed)
                read = botocore.parsers.create_parser(protocol).parse(
                    {
                        "status_code": status,
                        "headers": {
                            key.lower(): value for key, value in headers.items()
                        },
                        "body": body,
                    },
                    model.output_shape,
                )
                self.assertEqual((status, read["Error"]["Code"]), (400, code), body)
                self.assertTrue(read["Error"]["Message"])
                self.assertIsNone(Request(protocol, model, keeps).refusal(signed))

    def test_what_no_operation_has(self) -> None:
        made = Request(
            "query", models.operation("sns", "ListTopics"), {"NextToken": "a"}
        )
        made.body += b"&Colour=red"
        self.assertIn(b"Member is not known", made.refusal("sns")[2])

    def test_json_has_types(self) -> None:
        """A number in quotes is none."""
        made = Request(
            "json", models.operation("ssm", "DescribeParameters"), {"MaxResults": 5}
        )
        self.assertIsNone(made.refusal("ssm"))
        made.body = b'{"MaxResults": "5"}'
        self.assertIn(b"Member must be an integer", made.refusal("ssm")[2])

    def test_another_service_is_left_alone(self) -> None:
        self.assertIsNone(
            wire.refusal(
                "POST", "/", {"x-amz-target": "DynamoDB_20120810.ListTables"}, b"{}", {}
            )
        )
        self.assertIsNone(wire.refusal("POST", "/_kora/faults", {}, b"{}", {}))


class Patterns(EmulatorTest):
    """Java's patterns in Python's terms."""

    def test_every_pattern_is_understood(self) -> None:
        for service in sorted(set(wire.SERVICES.values())):
            model = models.service(service)
            for name in model.shape_names:
                source = model.shape_for(name).metadata.get("pattern")
                if source:
                    with self.subTest(service, shape=name):
                        models.pattern(source)
                        self.assertTrue(
                            "\\p{L}" not in source
                            or (
                                "\\p{N}" in source
                                and ("_" in source or "\\p{P}" in source)
                            )
                        )

    def test_what_ignores_case(self) -> None:
        budget = models.service("budgets").shape_for("BudgetName").metadata["pattern"]
        for name, allowed in {
            "a month": True,
            "a<SCRIPT>b</script>": False,
            "a:b": False,
            "x/action/y": False,
        }.items():
            with self.subTest(name):
                self.assertEqual(bool(models.pattern(budget).fullmatch(name)), allowed)

    def test_what_they_allow(self) -> None:
        """The classes that Python has not, a range beyond the basic plane, a hyphen after a class."""
        tag, text = (
            r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$",
            r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*",
        )
        role = r"^arn:aws[a-z0-9-]*:iam::\d{12}:role\/[\w-\/.@+=,]{1,1017}$"
        for source, value, allowed in (
            (tag, "Größe 1:a/b", True),
            (tag, "a\tb", False),
            (tag, "a!", False),
            (text, "a\U0001f600\n", True),
            (text, "a\x00", False),
            (role, "arn:aws:iam::123456789012:role/a-b/c", True),
            (role, "arn:aws:iam::123456789012:role/a b", False),
            (r"a+", "aab", False),
        ):
            with self.subTest(source, value=value):
                self.assertEqual(
                    models.pattern(source).fullmatch(value) is not None, allowed
                )
