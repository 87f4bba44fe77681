"""Whose the credentials are."""

from extension import models
from ministack.services import sts

from .support import EmulatorTest


class Callers(EmulatorTest):
    def test_an_unknown_key_is_a_users(self) -> None:
        """STS/latest/APIReference/API_GetCallerIdentity.html: an IAM user's ARN ends in user/ and its name."""
        self.assertTrue(sts._caller_identity({})["userArn"].endswith(":user/ops"))

    def test_it_is_the_root_users_where_that_is_played(self) -> None:
        """IAM/latest/UserGuide/reference_identifiers.html: arn:aws:iam::123456789012:root."""
        models.choose(caller=models.ROOT)
        self.assertTrue(sts._caller_identity({})["userArn"].endswith(":root"))
