"""Stack policies: what an update may do to which resource.

AWSCloudFormation/latest/UserGuide/protect-stack-resources.html: with a policy, what no statement allows is denied, and a Deny
wins; Update:Modify, Update:Replace and Update:Delete. It holds for updates alone, neither for imports nor for deletions of the
stack. The text of the event is that of the page's example, as users report it.
"""

import json
from fnmatch import fnmatchcase
from typing import Any

MODIFY, REPLACE, DELETE = "Update:Modify", "Update:Replace", "Update:Delete"
TAKES = {"Effect", "Principal", "Action", "NotAction", "Resource", "NotResource"}


class Denied(Exception):
    """What an update is refused by."""

    def __init__(self, action: str, logical_id: str) -> None:
        super().__init__(
            f"Action denied by stack policy: Statement does not allow [{action}] for resource [LogicalResourceId/{logical_id}]"
        )


def fault(body: str) -> str:
    """Why that is no policy, "" if it is one that can be kept."""
    try:
        statements = _statements(body)
    except (ValueError, AttributeError, KeyError):
        return "Error validating stack policy: Invalid stack policy"
    for one in statements:
        if not isinstance(one, dict) or one.get("Effect") not in ("Allow", "Deny"):
            return "Error validating stack policy: Invalid stack policy"
        if unknown := sorted(one.keys() - TAKES):
            return f"the emulator does not hold {', '.join(unknown)} of a stack policy"
    return ""


def refuse(body: str, action: str, logical_id: str) -> None:
    """Raise Denied where the policy does not let an update do that to that resource; "" is no policy."""
    if not body:
        return
    effects = {one["Effect"] for one in _statements(body) if _applies(one, action, logical_id)}
    if effects != {"Allow"}:
        raise Denied(action, logical_id)


def _statements(body: str) -> list[dict[str, Any]]:
    found = json.loads(body)["Statement"]
    return found if isinstance(found, list) else [found]


def _applies(statement: dict[str, Any], action: str, logical_id: str) -> bool:
    return _fits(statement, "Action", action) and _fits(statement, "Resource", f"LogicalResourceId/{logical_id}")


def _fits(statement: dict[str, Any], name: str, value: str) -> bool:
    patterns = statement.get(name, statement.get(f"Not{name}", []))
    one = any(fnmatchcase(value, pattern) for pattern in ([patterns] if isinstance(patterns, str) else patterns))
    return one if name in statement else not one
