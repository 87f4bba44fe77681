"""IAM: roles and instance profiles."""

import json
from collections.abc import Iterator
from typing import Any

from .base import Call, Handler, It, Wanted, changed, named, present, retagged


def document(policy: Any) -> Any:
    """A policy as it goes over the wire; nothing where there is none."""
    return policy if policy is None or isinstance(policy, str) else json.dumps(policy, separators=(",", ":"))


class Role(Handler):
    name, service = "AWS::IAM::Role", "iam"

    def create(self, new: Wanted) -> Iterator[Call]:
        name = named(new, "RoleName")
        yield self.call(
            "CreateRole",
            name,
            new.take("Path", "Description", "MaxSessionDuration"),
            present("Tags", new.tags()),
            AssumeRolePolicyDocument=document(new.get("AssumeRolePolicyDocument")),
        )
        yield from self._grant(name["RoleName"], new.get("ManagedPolicyArns") or [], new.get("Policies") or [])

    def _grant(self, role: str, managed: list[str], inline: list[dict[str, Any]]) -> Iterator[Call]:
        for arn in managed:
            yield self.call("AttachRolePolicy", RoleName=role, PolicyArn=arn)
        for policy in inline:
            yield self.call(
                "PutRolePolicy",
                RoleName=role,
                PolicyName=policy.get("PolicyName"),
                PolicyDocument=document(policy.get("PolicyDocument")),
            )

    def _take_away(self, role: str, managed: list[str], inline: list[dict[str, Any]]) -> Iterator[Call]:
        for arn in managed:
            yield self.call("DetachRolePolicy", RoleName=role, PolicyArn=arn)
        for policy in inline:
            yield self.call("DeleteRolePolicy", RoleName=role, PolicyName=policy["PolicyName"])

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        if changed(old, new, "Description", "MaxSessionDuration"):
            yield self.call("UpdateRole", new.take("Description", "MaxSessionDuration"), RoleName=it.id)
        if changed(old, new, "AssumeRolePolicyDocument"):
            yield self.call(
                "UpdateAssumeRolePolicy", RoleName=it.id, PolicyDocument=document(new.get("AssumeRolePolicyDocument"))
            )
        yield from self._policies(it, old, new)
        added, removed = retagged(old, new)
        if added:
            yield self.call("TagRole", RoleName=it.id, Tags=added)
        if removed:
            yield self.call("UntagRole", RoleName=it.id, TagKeys=removed)

    def _policies(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        attached, wanted = old.get("ManagedPolicyArns") or [], new.get("ManagedPolicyArns") or []
        before, after = old.get("Policies") or [], new.get("Policies") or []
        names = {one.get("PolicyName") for one in after}
        yield from self._grant(
            it.id, [one for one in wanted if one not in attached], [one for one in after if one not in before]
        )
        yield from self._take_away(
            it.id,
            [one for one in attached if one not in wanted],
            [one for one in before if one["PolicyName"] not in names],
        )

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield from self._take_away(it.id, old.get("ManagedPolicyArns") or [], old.get("Policies") or [])
        yield self.call("DeleteRole", RoleName=it.id)


class InstanceProfile(Handler):
    name, service = "AWS::IAM::InstanceProfile", "iam"

    def create(self, new: Wanted) -> Iterator[Call]:
        name = named(new, "InstanceProfileName")
        yield self.call("CreateInstanceProfile", name, new.take("Path"))
        yield from self._roles("AddRoleToInstanceProfile", name["InstanceProfileName"], new.get("Roles") or [])

    def _roles(self, operation: str, profile: str, roles: list[str]) -> Iterator[Call]:
        for role in roles:
            yield self.call(operation, InstanceProfileName=profile, RoleName=role)

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        before, after = old.get("Roles") or [], new.get("Roles") or []
        yield from self._roles("RemoveRoleFromInstanceProfile", it.id, [one for one in before if one not in after])
        yield from self._roles("AddRoleToInstanceProfile", it.id, [one for one in after if one not in before])

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield from self._roles("RemoveRoleFromInstanceProfile", it.id, old.get("Roles") or [])
        yield self.call("DeleteInstanceProfile", InstanceProfileName=it.id)


HANDLERS = (Role(), InstanceProfile())
