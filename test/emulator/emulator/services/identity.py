"""Roles and instance profiles."""

from ..resources import Native

TYPES = (
    Native("AWS::IAM::Role", ("AssumeRolePolicyDocument.*", "ManagedPolicyArns.*", "Policies.*", "Tags.*"), ("RoleName", "Path"), "RoleName"),
    Native("AWS::IAM::InstanceProfile", ("Roles.*",), ("InstanceProfileName", "Path"), "InstanceProfileName"),
)
