"""Requests over the wire, read back into what their operation takes, and refused before ministack sees them.

The protocols are those of botocore's serializers: query and ec2 (forms), json, rpc-v2-cbor, rest-xml and rest-json. What an
operation is given that is no part of its model is refused too, although AWS passes most of it over: that is stricter.
"""

import functools
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree

import cbor2
from ministack import app
from ministack.core import router

from ..resources import Refusal
from . import answers, denied, forms, markup, models
from .check import hold_call
from .handlers import Call

Response = tuple[int, dict[str, str], bytes]
Handle = Callable[..., Awaitable[Response | None]]

SERVICES = {
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
    **{
        name: name
        for name in (
            "acm",
            "autoscaling",
            "budgets",
            "cloudformation",
            "cloudwatch",
            "dlm",
            "ec2",
            "elasticache",
            "elbv2",
            "iam",
            "logs",
            "rds",
            "route53",
            "s3",
            "service-quotas",
            "sns",
            "ssm",
            "sts",
        )
    },
}
"""ministack's names of the services that the emulator answers for: botocore's."""
FORM = {"Action", "Version"}
"""What a form has beside the parameters."""
CBOR = re.compile(r"/service/\w+/operation/(\w+)")


def install() -> None:
    """Hold every request of those services against its model before it is served."""
    shortcuts: Handle = app._handle_post_body_shortcuts

    async def hold_and_pass(
        method: str, path: str, headers: dict, body: bytes, query: dict, request_id: str
    ) -> Response | None:
        answer = await shortcuts(method, path, headers, body, query, request_id)
        return answer or refusal(method, path, headers, body, query)

    app._handle_post_body_shortcuts = hold_and_pass


def refusal(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
) -> Response | None:
    """What a request is refused with; None for one that may be served, and for one of another service."""
    if path.startswith("/_"):
        return None
    form = _form(headers, body, query)
    service = SERVICES.get(router.detect_service(method, path, headers, form))
    if service is None:
        return None
    try:
        call, protocol = read(service, method, path, headers, body, form)
    except (ValueError, cbor2.CBORDecodeError, ElementTree.ParseError) as problem:
        return answers.refused(
            service, _protocol(service, headers, path), Refusal(service, "MalformedInput", str(problem))
        )
    if call is None:
        return None
    try:
        hold_call(call, exact=protocol in ("json", "cbor", "rest-json"))
        denied.refuse_call(call.service, call.operation)
    except Refusal as problem:
        return answers.refused(service, protocol, problem)
    return None


def read(
    service: str, method: str, path: str, headers: dict[str, str], body: bytes, form: dict[str, list[str]]
) -> tuple[Call | None, str]:
    """The call that a request makes, None where it is none of the model's; and its protocol."""
    protocol = _protocol(service, headers, path)
    if protocol in ("query", "ec2"):
        name = (form.get("Action") or [""])[0]
        given = {key: values[0] for key, values in form.items() if key not in FORM and not key.startswith("X-Amz-")}
        return _call(service, name, lambda shape: forms.structure(shape, forms.tree(given), protocol)), protocol
    if protocol == "json":
        return _call(
            service, headers["x-amz-target"].rsplit(".", 1)[-1], lambda shape: json.loads(body or b"{}")
        ), protocol
    if protocol == "cbor":
        found = CBOR.search(path)
        return _call(
            service, found.group(1) if found else "", lambda shape: cbor2.loads(body) if body else {}
        ), protocol
    return _rest(service, protocol, method, path, headers, body, form), protocol


def _call(service: str, operation: str, params: Callable[[Any], Any]) -> Call | None:
    model = models.operation(service, operation)
    if model is None:
        return None
    return Call(service, operation, params(model.input_shape) if model.input_shape else {})


def _protocol(service: str, headers: dict[str, str], path: str) -> str:
    if headers.get("smithy-protocol") == "rpc-v2-cbor" or CBOR.search(path):
        return "cbor"
    if "x-amz-target" in headers:
        return "json"
    named = str(models.service(service).protocol)
    return "query" if named == "smithy-rpc-v2-cbor" else named


def _form(headers: dict[str, str], body: bytes, query: dict[str, list[str]]) -> dict[str, list[str]]:
    """The parameters of the query, and of a body that is a form."""
    if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return query
    return {**parse_qs(body.decode(errors="replace"), keep_blank_values=True), **query}


# ---- REST


def _rest(
    service: str,
    protocol: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query: dict[str, list[str]],
) -> Call | None:
    """The call whose route fits best: the most of its query and of its required members are there."""
    bucket = app._extract_s3_vhost_bucket(headers.get("host", "")) if service == "s3" else None
    path = f"/{bucket}{path}" if bucket else path
    fits = []
    for name, pattern, wanted in routes(service, method):
        found = pattern.fullmatch(path)
        if found and all(key in query and value in ("", *query[key]) for key, value in wanted.items()):
            shape = models.operation(service, name).input_shape
            given = _located(shape, found, headers, query) if shape else {}
            current = not models.operation(service, name).deprecated
            fits.append((len(wanted), _located_all(shape, given), current, name, shape, given))
    fits = [fit for fit in fits if fit[1] >= 0]
    if not fits:
        return None
    *_, name, shape, given = max(fits, key=lambda fit: fit[:3])
    return Call(service, name, {**given, **(_body(shape, protocol, body) if shape else {})})


Route = tuple[str, re.Pattern[str], dict[str, str]]


@functools.cache
def routes(service: str, method: str) -> tuple[Route, ...]:
    """The operations of a method: name, path, and what the query must have."""
    model, found = models.service(service), []
    for name in model.operation_names:
        http = model.operation_model(name).http
        if http.get("method") == method:
            path, _, query = http["requestUri"].partition("?")
            wanted = dict(one.partition("=")[::2] for one in query.split("&") if one and not one.startswith("x-id"))
            found.append((name, _path(path), wanted))
    return tuple(found)


def _path(uri: str) -> re.Pattern[str]:
    """The pattern of a path; a label that ends in + takes the rest of it."""
    parts = re.split(r"(\{\w+\+?\})", uri.rstrip("/") or "/")
    return re.compile(
        "".join(
            f"(?P<{part.strip('{+}')}>{'.+' if part.endswith('+}') else '[^/]+'})"
            if part.startswith("{")
            else re.escape(part)
            for part in parts
        )
        + "/?"
    )


def _located(shape: Any, found: re.Match[str], headers: dict[str, str], query: dict[str, list[str]]) -> dict[str, Any]:
    """The members that travel in the path, the headers and the query."""
    given: dict[str, Any] = {}
    for name, member in shape.members.items():
        where, key = member.serialization.get("location"), member.serialization.get("name", name)
        if where == "uri":
            given[name] = unquote(found.group(key))
        elif where == "header" and key.lower() in headers:
            given[name] = _told(
                member, headers[key.lower()].split(",") if member.type_name == "list" else [headers[key.lower()]]
            )
        elif where == "headers":
            given[name] = {
                header.removeprefix(key.lower()): value
                for header, value in headers.items()
                if header.startswith(key.lower())
            }
        elif where == "querystring" and key in query:
            given[name] = _told(member, query[key])
    return given


def _told(member: Any, values: list[str]) -> Any:
    """A value as its shape has it."""
    return values if member.type_name == "list" else values[0]


def _located_all(shape: Any, given: dict[str, Any]) -> int:
    """How many required members are there that travel outside the body; -1 if one is missing, which tells operations of one
    route apart."""
    needed = [
        name for name in (shape.required_members if shape else []) if "location" in shape.members[name].serialization
    ]
    return len(needed) if set(needed) <= given.keys() else -1


def _body(shape: Any, protocol: str, body: bytes) -> dict[str, Any]:
    """The members that travel in the body. One that is a payload of bytes is not looked at."""
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name != "structure":
        return {}
    if not body:
        return {}
    if protocol == "rest-json":
        whole: dict[str, Any] = json.loads(body)
        return whole
    root = markup.parsed(body)
    if payload:
        return {payload: markup.structure(shape.members[payload], root)}
    return markup.structure(shape, root)
