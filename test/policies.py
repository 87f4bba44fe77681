"""What parliament and policy_sentry say of IAM policies: a JSON map of them by name on standard input, findings as JSON out.

parliament knows the language and its common faults. policy_sentry has the Service Authorization Reference: an action that is
not in it, or an ARN that none of an action's resources has the form of, never allows anything.
"""

import json
import re
import sys
from fnmatch import fnmatchcase
from typing import Any, Iterator

from parliament import analyze_policy_string
from policy_sentry.querying.actions import get_action_data, get_actions_for_service

Finding = dict[str, str]


def finding(rule: str, action: str, text: str) -> Finding:
    return {"rule": rule, "action": action, "text": text}


def judged(name: str, policy: dict[str, Any]) -> Iterator[Finding]:
    for said in analyze_policy_string(json.dumps(policy)).findings:
        actions = said.detail if said.issue == "RESOURCE_STAR" else [""]
        for action in actions:
            yield finding(
                said.issue,
                action,
                f"{name}: {said.title} {said.detail} {said.location}",
            )


def referred(name: str, statement: dict[str, Any]) -> Iterator[Finding]:
    for pattern in statement["Action"]:
        service, _, wanted = pattern.partition(":")
        actions = [
            action
            for action in get_actions_for_service(service)
            if fnmatchcase(action.lower(), pattern.lower())
        ]
        if not actions:
            yield finding("UNKNOWN_ACTION", pattern, name)
        for action in actions:
            forms = [
                each["resource_arn_format"]
                for each in get_action_data(service, action.partition(":")[2])[service]
            ]
            for arn in statement["Resource"]:
                if not any(arn == "*" or of(form, arn) for form in forms):
                    yield finding(
                        "RESOURCE_OF_ANOTHER_FORM",
                        pattern,
                        f"{name}: on {arn}, and not {forms}",
                    )


def of(form: str, arn: str) -> bool:
    """Whether a statement's ARN, stars included, has a form of the reference: arn:${Partition}:...:stack/${StackName}/${Id}."""
    if form == "*":
        return False
    pattern = "".join(
        ".+" if part.startswith("${") else re.escape(part)
        for part in re.split(r"(\$\{\w+\})", form)
    )
    return (
        re.fullmatch(
            pattern,
            arn.replace(":*", ":log-stream:*")
            if arn.startswith("arn:aws:logs:")
            else arn,
        )
        is not None
    )


def main() -> None:
    findings: list[Finding] = []
    for name, policy in json.load(sys.stdin).items():
        findings += judged(name, policy)
        for statement in policy["Statement"]:
            findings += referred(name, statement)
    json.dump(findings, sys.stdout)


main()
