"""Roles and instance profiles."""

from ministack.services import iam

from .. import actions, models
from ..resources import Made, Named, Place, Properties, Refusal, ResourceType, generated_name

SERVICE = "Iam"


class InstanceProfile(ResourceType):
    """A profile; its Ref is the name. It takes one role."""

    name = "AWS::IAM::InstanceProfile"
    holds = frozenset(("InstanceProfileName", "Path", "Roles.*"))
    replaces = frozenset(("InstanceProfileName", "Path"))
    physical_name = "InstanceProfileName"

    def taken(self, properties: Properties) -> bool:
        return properties.get("InstanceProfileName") in iam._instance_profiles

    def create(self, place: Place, properties: Properties) -> Made:
        name = properties.get("InstanceProfileName") or generated_name(place, 128)
        _call(iam._create_instance_profile, InstanceProfileName=name, Path=properties.get("Path", "/"))
        try:
            for role in properties["Roles"]:
                _call(iam._add_role_to_instance_profile, InstanceProfileName=name, RoleName=role)
        except Refusal:
            self.delete(place, name, properties)
            raise
        return name, {"Arn": iam._instance_profiles[name]["Arn"]}

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        profile = iam._instance_profiles[physical_id]
        for role in [one for one in profile["Roles"] if one not in new["Roles"]]:
            _call(iam._remove_role_from_instance_profile, InstanceProfileName=physical_id, RoleName=role)
        for role in [one for one in new["Roles"] if one not in profile["Roles"]]:
            _call(iam._add_role_to_instance_profile, InstanceProfileName=physical_id, RoleName=role)
        return physical_id, {"Arn": profile["Arn"]}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        if physical_id in iam._instance_profiles:
            iam._instance_profiles[physical_id]["Roles"].clear()
            _call(iam._delete_instance_profile, InstanceProfileName=physical_id)


class Role(Named):
    """A role. Before it goes, CloudFormation takes away what the template gave it; anything else keeps it."""

    def __init__(self) -> None:
        super().__init__(
            "AWS::IAM::Role",
            (
                "RoleName",
                "Path",
                "Description",
                "AssumeRolePolicyDocument.*",
                "ManagedPolicyArns.*",
                "MaxSessionDuration",
                "Policies.*",
                "Tags.*",
            ),
            ("RoleName", "Path"),
            "RoleName",
        )

    def taken(self, properties: Properties) -> bool:
        return properties.get("RoleName") in iam._roles

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        role = iam._roles.get(physical_id)
        if role is None:
            return
        for policy in properties.get("Policies", []):
            role["InlinePolicies"].pop(policy["PolicyName"], None)
        for arn in properties.get("ManagedPolicyArns", []):
            iam.detach_managed_policy(role, arn)
        _call(iam._delete_role, RoleName=physical_id)


def _call(action: actions.Action, **parameters: str) -> None:
    actions.call(SERVICE, action, parameters)


SCALING_ROLE = "AWSServiceRoleForAutoScaling"
"""autoscaling/ec2/userguide/autoscaling-service-linked-role.html"""


def _get_role(get: actions.Action) -> actions.Action:
    """GetRole, which finds the service-linked role of Auto Scaling where the account has it."""

    def got(parameters: actions.Parameters) -> actions.Response:
        there = models.current.scalingRole == models.THERE
        if not there:
            iam._roles.pop(SCALING_ROLE, None)
        elif actions.one(parameters, "RoleName") == SCALING_ROLE and SCALING_ROLE not in iam._roles:
            asked = {
                "RoleName": SCALING_ROLE,
                "Path": "/aws-service-role/autoscaling.amazonaws.com/",
                "AssumeRolePolicyDocument": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":'
                '{"Service":"autoscaling.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
            }
            actions.call(SERVICE, iam._create_role, asked)
        return get(parameters)

    return got


def install() -> None:
    iam._IAM_HANDLERS["GetRole"] = _get_role(iam._IAM_HANDLERS["GetRole"])


TYPES = (Role(), InstanceProfile())
