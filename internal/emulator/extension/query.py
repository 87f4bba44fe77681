"""The query protocol of the older services: parameters in, XML out.

Lists travel as `Name.member.1`, structures as `Name.Member`
(https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonParameters.html shows the style; the shapes are
those of botocore's service models).
"""

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import new_uuid

from .resources import Refusal

Response = tuple[int, dict[str, str], bytes]
Action = Callable[[dict[str, Any]], Any]


def tree(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters as nested dicts and lists; every leaf is a string."""
    root: dict[str, Any] = {}
    for path, value in params.items():
        *way, last = path.split(".")
        node = root
        for step in way:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                break
        else:
            node[last] = value[0] if isinstance(value, list) and value else value
    whole = _listed(root)
    return whole if isinstance(whole, dict) else {}


def _listed(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    members = node.get("member")
    if isinstance(members, dict) and members and all(key.isdigit() for key in members):
        return [_listed(members[key]) for key in sorted(members, key=int)]
    return {key: _listed(value) for key, value in node.items()}


def xml(value: Any) -> str:
    """A value as XML. What is None is left out."""
    if isinstance(value, dict):
        return "".join(f"<{key}>{xml(inner)}</{key}>" for key, inner in value.items() if inner is not None)
    if isinstance(value, (list, tuple)):
        return "".join(f"<member>{xml(inner)}</member>" for inner in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return escape(str(value))


def answer(namespace: str, action: str, result: Any) -> Response:
    """What a call answers with."""
    body = (
        f'<{action}Response xmlns="{namespace}"><{action}Result>{xml(result or {})}</{action}Result>'
        f"<ResponseMetadata><RequestId>{new_uuid()}</RequestId></ResponseMetadata></{action}Response>"
    )
    return 200, {"Content-Type": "text/xml"}, body.encode()


def refuse(namespace: str, refusal: Refusal) -> Response:
    """What a call that is refused answers with."""
    body = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>Sender</Type><Code>{refusal.code}</Code>'
        f"<Message>{escape(refusal.message)}</Message></Error><RequestId>{new_uuid()}</RequestId></ErrorResponse>"
    )
    return 400, {"Content-Type": "text/xml"}, body.encode()


def offered(namespace: str, name: str, action: Action) -> Callable[[dict[str, Any]], Response]:
    """An action on a parameter tree, as an entry in a service's table of actions."""

    def offered_action(params: dict[str, Any]) -> Response:
        try:
            return answer(namespace, name, action(tree(params)))
        except Refusal as refusal:
            return refuse(namespace, refusal)

    return offered_action


def guarded(
    namespace: str, check: Action, native: Callable[[dict[str, Any]], Response]
) -> Callable[[dict[str, Any]], Response]:
    """ministack's own action, behind a check that may refuse."""

    def guarded_action(params: dict[str, Any]) -> Response:
        try:
            check(tree(params))
        except Refusal as refusal:
            return refuse(namespace, refusal)
        return native(params)

    return guarded_action
