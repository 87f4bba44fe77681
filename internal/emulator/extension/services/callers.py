"""Whose the credentials are that a call comes with (STS/latest/APIReference/API_GetCallerIdentity.html).

ministack takes any key for the account's root user. Of people with an account of their own AWS asks not to use that one
(IAM/latest/UserGuide/root-user-best-practices.html), and here they are an IAM user unless told.
"""

from typing import Any

from ministack.services import sts

from .. import models

NAME = "ops"
TYPES = ()


def install() -> None:
    """Answer for the keys that are nobody's."""
    known = sts._caller_identity

    def identity(headers: dict[str, Any], query_params: dict[str, Any] | None = None) -> Any:
        found = known(headers, query_params)
        if isinstance(found, dict) and found["principalType"] == "Root" and models.current.caller == models.USER:
            arn = f"arn:aws:iam::{found['accountId']}:user/{NAME}"
            return {**found, "userArn": arn, "userId": "AIDAOPS", "principalType": "User", "principalName": NAME}
        return found

    sts._caller_identity = identity
