"""The forms of the ARNs that IAM actions are decided on, by policy_sentry's Service Authorization Reference: a JSON list of
actions on standard input, a map from each to its forms out, empty for an action that is not in the reference.
"""

import json
import sys

from policy_sentry.querying.actions import get_action_data


def forms(action: str) -> list[str]:
    service, _, name = action.partition(":")
    if "*" in name:
        return ["*"]
    found = get_action_data(service, name)
    return [each["resource_arn_format"] for each in found[service]] if found else []


json.dump({action: forms(action) for action in json.load(sys.stdin)}, sys.stdout)
