"""The policy simulator: what an identity's own policies, its groups' and its boundary decide (IAM/latest/APIReference/
API_SimulatePrincipalPolicy.html). ministack takes the first resource and no context, and knows nobody that does not exist."""

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import iam

from .. import actions
from ..contracts import denied

TYPES = ()
DECISIONS = {"Allow": "allowed", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}


def install() -> None:
    iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = _simulate


def _simulate(parameters: actions.Parameters) -> actions.Response:
    source = actions.one(parameters, "PolicySourceArn")
    account = get_account_id()
    kind, _, rest = source.rpartition(":")[2].partition("/")
    name = rest.rpartition("/")[2]
    known = {"user": iam._users, "role": iam._roles}.get(kind, {})
    if name not in known or known[name]["Arn"] != source:
        response: actions.Response = iam._error(
            404, "NoSuchEntity", f"The {kind} with name {name} cannot be found.", ns="iam"
        )
        return response
    gather = iam_evaluator._gather_user_policies if kind == "user" else iam_evaluator._gather_role_policies
    policies = gather(name, account)
    limits = iam_evaluator._permissions_boundary(known, name, account)
    context = _context(parameters)
    missing = sorted(_asked(policies, *limits) - context.keys())
    told = "".join(
        _result(action, resource, _decide(action, resource, source, context, policies, limits), missing)
        for action in actions.listed(parameters, "ActionNames.member")
        for resource in actions.listed(parameters, "ResourceArns.member") or ["*"]
    )
    answered: actions.Response = iam._xml(
        200,
        "SimulatePrincipalPolicyResponse",
        f"<SimulatePrincipalPolicyResult><EvaluationResults>{told}</EvaluationResults>"
        "<IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult>",
        ns="iam",
    )
    return answered


def _context(parameters: actions.Parameters) -> dict[str, Any]:
    """The keys that the request tells; there are no others."""
    told: dict[str, Any] = {}
    while name := actions.one(parameters, f"ContextEntries.member.{len(told) + 1}.ContextKeyName"):
        told[name.lower()] = actions.listed(
            parameters, f"ContextEntries.member.{len(told) + 1}.ContextKeyValues.member"
        )[0]
    return told


def _asked(*layers: list[Any]) -> set[str]:
    """The keys that conditions name."""
    return {
        key.lower()
        for layer in layers
        for policy in layer
        for statement in policy
        for keys in statement.conditions.values()
        for key in keys
    }


def _decide(
    action: str, resource: str, source: str, context: dict[str, Any], policies: list[Any], limits: list[Any]
) -> str:
    if denied.is_denied(action):
        return "explicitDeny"
    request = iam_evaluator.EvalContext(
        principal_arn=source,
        principal_type="User",
        principal_account=get_account_id(),
        action=action,
        resource_arn=resource,
        region=context.get("aws:requestedregion", ""),
        source_ip="127.0.0.1",
        secure_transport=True,
        service_context=context,
    )
    return DECISIONS[iam_evaluator.evaluate(request, policies, *limits).decision]


def _result(action: str, resource: str, decision: str, missing: list[str]) -> str:
    keys = "".join(f"<member>{one}</member>" for one in missing)
    return (
        f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>"
        f"<EvalDecision>{decision}</EvalDecision><MatchedStatements/><MissingContextValues>{keys}</MissingContextValues></member>"
    )
