"""How each protocol says that a request is refused."""

import json
from collections.abc import Callable
from xml.sax.saxutils import escape

import cbor2
from ministack.core.responses import new_uuid

from ..resources import Refusal
from . import models

Response = tuple[int, dict[str, str], bytes]


def refused(service: str, protocol: str, problem: Refusal) -> Response:
    """The answer: status 400, the code and the message."""
    return FORMS["s3" if service == "s3" else protocol](service, problem)


def _xml(body: str) -> Response:
    return 400, {"Content-Type": "text/xml"}, body.encode()


def _query(service: str, problem: Refusal) -> Response:
    namespace = models.service(service).metadata.get("xmlNamespace", "")
    namespace = namespace if isinstance(namespace, str) else namespace.get("uri", "")
    return _xml(
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>Sender</Type><Code>{problem.code}</Code>'
        f"<Message>{escape(problem.message)}</Message></Error><RequestId>{new_uuid()}</RequestId></ErrorResponse>"
    )


def _ec2(service: str, problem: Refusal) -> Response:
    return _xml(
        f"<Response><Errors><Error><Code>{problem.code}</Code><Message>{escape(problem.message)}</Message></Error></Errors>"
        f"<RequestID>{new_uuid()}</RequestID></Response>"
    )


def _s3(service: str, problem: Refusal) -> Response:
    return _xml(f"<Error><Code>{problem.code}</Code><Message>{escape(problem.message)}</Message></Error>")


def _json(service: str, problem: Refusal) -> Response:
    return (
        400,
        {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": problem.code},
        json.dumps({"__type": problem.code, "message": problem.message}).encode(),
    )


def _cbor(service: str, problem: Refusal) -> Response:
    return (
        400,
        {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"},
        cbor2.dumps({"__type": problem.code, "message": problem.message}),
    )


FORMS: dict[str, Callable[[str, Refusal], Response]] = {
    "query": _query,
    "rest-xml": _query,
    "ec2": _ec2,
    "s3": _s3,
    "json": _json,
    "rest-json": _json,
    "cbor": _cbor,
}
