"""Roles, log groups, buckets, caches and snapshot policies."""

import asyncio
import base64
import hashlib
import json
from typing import Any

from extension import machines, models
from extension.services import lifecycle
from ministack.services import (
    cloudformation,
    cloudwatch_logs,
    ec2,
    elasticache,
    iam,
    s3,
)

from .world import Resources, WorldTest, att, network, of, ref, server, without

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def policy(action: str) -> dict[str, Any]:
    return {
        "PolicyName": "machine",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
        },
    }


def role(**properties: Any) -> Resources:
    return {
        "Role": of("IAM::Role", AssumeRolePolicyDocument=TRUST, **properties),
        "Profile": of("IAM::InstanceProfile", Roles=[ref("Role")]),
    }


class Roles(WorldTest):
    def test_the_role_of_auto_scaling_is_there_or_not(self) -> None:
        """autoscaling-service-linked-role.html"""
        get, name = iam._IAM_HANDLERS["GetRole"], "AWSServiceRoleForAutoScaling"
        self.assertEqual(get({"RoleName": [name]})[0], 200)
        models.choose(scalingRole=models.MISSING)
        self.assertEqual(get({"RoleName": [name]})[0], 404)
        self.assertEqual(get({"RoleName": ["another"]})[0], 404)

    def test_its_policies_change_in_place(self) -> None:
        """aws-resource-iam-role.html."""
        stack = self.made(role(Policies=[policy("ec2:DescribeTags")]))
        name = stack.physical("Role")
        self.updated(stack, role(Policies=[policy("logs:PutLogEvents")]))
        self.assertEqual(stack.physical("Role"), name)
        self.assertIn(
            "logs:PutLogEvents", iam._roles[name]["InlinePolicies"]["machine"]
        )

    def test_a_profile_is_known_by_its_name(self) -> None:
        """aws-resource-iam-instanceprofile.html, Ref."""
        stack = self.made(role())
        self.assertEqual(
            iam._instance_profiles[stack.physical("Profile")]["Roles"],
            [stack.physical("Role")],
        )

    def test_a_role_that_others_gave_a_policy_stays(self) -> None:
        """IAM/latest/APIReference/API_DeleteRole.html: DeleteConflict."""
        stack = self.made(role())
        iam._roles[stack.physical("Role")]["InlinePolicies"]["other"] = "{}"
        self.assertEqual(stack.delete(), "DELETE_FAILED")
        self.assertIn("DeleteConflict", " ".join(stack.reasons()))

    def test_a_role_that_is_not_there(self) -> None:
        """IAM/latest/APIReference/API_AddRoleToInstanceProfile.html: NoSuchEntity; nothing is left."""
        self.refused(
            "NoSuchEntity", {"Profile": of("IAM::InstanceProfile", Roles=["lost"])}
        )
        self.assertEqual(len(iam._instance_profiles), 0)


class LogGroups(WorldTest):
    def test_how_long_it_keeps(self) -> None:
        """API_PutRetentionPolicy has the days; aws-resource-logs-loggroup.html: in place."""
        stack = self.made({"Group": of("Logs::LogGroup", RetentionInDays=30)})
        name = stack.physical("Group")
        self.updated(stack, {"Group": of("Logs::LogGroup", RetentionInDays=90)})
        self.assertEqual(
            (
                stack.physical("Group"),
                cloudwatch_logs._log_groups[name]["retentionInDays"],
            ),
            (name, 90),
        )
        self.refused(
            "InvalidParameterException",
            {"Group": of("Logs::LogGroup", RetentionInDays=31)},
            name="Other",
        )

    def test_a_machine_that_fails_writes_there(self) -> None:
        """As boot.sh does before it signals, since nothing else may have come that ships its log."""
        stack = self.made({"Group": of("Logs::LogGroup")})
        for outcome, streams in (
            ("success", ["i-1/boot"]),
            ("failure", ["i-1/boot", "i-1/failure"]),
        ):
            machines.behave(machines.Behaviour(outcome))
            machines.start(cloudformation._stacks["Kora"]["StackId"], "Server", "i-1")
            group = cloudwatch_logs._log_groups[stack.physical("Group")]
            self.assertEqual(list(group["streams"]), streams)
        (said,) = group["streams"]["i-1/failure"]["events"]
        self.assertIn("failed to: answer the health check", said["message"])
        (said,) = group["streams"]["i-1/boot"]["events"]
        self.assertEqual(said["message"], "kora: serves its image")

    def test_which_commit_a_machine_proves(self) -> None:
        """A node's settings stand in its user data, a server's in the parameter that its user data leads to."""
        commit = "0123456789abcdef0123456789abcdef01234567"
        settings = (
            "PORT=3001 GIT_REPOSITORY=https://git.test/app.git GIT_REF=%s DOMAIN="
        )
        stack = self.made(
            {
                "Group": of("Logs::LogGroup"),
                "Settings": of(
                    "SSM::Parameter",
                    Name="/kora/server",
                    Type="String",
                    Value=settings % "main",
                ),
            }
        )
        for user_data, told in (
            ("#!/bin/bash\n" + settings % commit, commit),
            ("#!/bin/bash\n" + settings % "", "its image"),
            (
                "#!/bin/bash\nexport NAME=kora REGION=ap-south-1\n",
                hashlib.sha1(b"main").hexdigest(),
            ),
        ):
            ec2._instances["i-1"] = {
                "UserData": base64.b64encode(user_data.encode()).decode()
            }
            machines.start(cloudformation._stacks["Kora"]["StackId"], "Server", "i-1")
            events = cloudwatch_logs._log_groups[stack.physical("Group")]["streams"][
                "i-1/boot"
            ]["events"]
            self.assertEqual(events[-1]["message"], f"kora: serves {told}")
        del ec2._instances["i-1"]


class Buckets(WorldTest):
    def bucket(self, **properties: Any) -> Resources:
        return {
            "Bucket": of("S3::Bucket", **properties),
            "Policy": of(
                "S3::BucketPolicy", Bucket=ref("Bucket"), PolicyDocument=TRUST
            ),
        }

    def test_what_every_bucket_has(self) -> None:
        """AmazonS3/latest/userguide: default encryption, and no public access."""
        name = self.made(self.bucket()).physical("Bucket")
        self.assertIn("AES256", s3._bucket_encryption[name])
        self.assertIn(
            "<RestrictPublicBuckets>true", s3._buckets[name]["_public_access_block"]
        )

    def test_it_goes_only_when_it_is_empty(self) -> None:
        """AmazonS3/latest/userguide/delete-bucket.html: BucketNotEmpty."""
        stack = self.made(self.bucket(VersioningConfiguration={"Status": "Enabled"}))
        name = stack.physical("Bucket")
        s3._buckets[name]["objects"]["photo"] = {}
        self.assertEqual(stack.delete(), "DELETE_FAILED")
        self.assertIn("BucketNotEmpty", " ".join(stack.reasons()))
        del s3._buckets[name]["objects"]["photo"]
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")

    def test_versioning_is_suspended_not_ended(self) -> None:
        """AmazonS3/latest/userguide/Versioning.html."""
        stack = self.made(self.bucket(VersioningConfiguration={"Status": "Enabled"}))
        self.updated(stack, self.bucket())
        self.assertEqual(s3._bucket_versioning[stack.physical("Bucket")], "Suspended")

    def test_a_policy_needs_its_bucket(self) -> None:
        """API_PutBucketPolicy: NoSuchBucket."""
        self.refused(
            "NoSuchBucket",
            {"Policy": of("S3::BucketPolicy", Bucket="lost", PolicyDocument=TRUST)},
        )


class Caches(WorldTest):
    def cache(self, **properties: Any) -> Resources:
        return {
            **network(),
            "Subnets": of(
                "ElastiCache::SubnetGroup",
                Description="Cache",
                SubnetIds=[ref("Subnet")],
            ),
            "Cache": of(
                "ElastiCache::ReplicationGroup",
                **{
                    "ReplicationGroupDescription": "Sessions",
                    "Engine": "valkey",
                    "EngineVersion": "8.0",
                    "CacheNodeType": "cache.t4g.micro",
                    "NumCacheClusters": 1,
                    "CacheSubnetGroupName": ref("Subnets"),
                    "SecurityGroupIds": [att("Group", "GroupId")],
                    "TransitEncryptionEnabled": True,
                    "TransitEncryptionMode": "preferred",
                    "AtRestEncryptionEnabled": True,
                    "AutomaticFailoverEnabled": False,
                    **properties,
                },
            ),
            "Host": of(
                "SSM::Parameter",
                Name="/host",
                Type="String",
                Value=att("Cache", "PrimaryEndPoint.Address"),
            ),
        }

    def test_it_has_an_address(self) -> None:
        """AmazonElastiCache/latest/dg/Endpoints.html."""
        stack = self.made(self.cache())
        group = elasticache._replication_groups[stack.physical("Cache")]
        self.assertEqual(group["NodeGroups"][0]["PrimaryEndpoint"]["Port"], 6379)
        self.assertRegex(
            group["NodeGroups"][0]["PrimaryEndpoint"]["Address"],
            r"^master\..*\.aps1\.cache\.amazonaws\.com$",
        )

    def test_nothing_under_it_goes(self) -> None:
        """API_DeleteCacheSubnetGroup, API_DeleteSecurityGroup, API_DeleteSubnet."""
        stack = self.made(self.cache())
        self.answers(
            "DependencyViolation",
            "DeleteSecurityGroup",
            GroupId=[stack.physical("Group")],
        )
        self.answers(
            "DependencyViolation", "DeleteSubnet", SubnetId=[stack.physical("Subnet")]
        )
        status, _, body = elasticache._delete_subnet_group(
            {"CacheSubnetGroupName": stack.physical("Subnets")}
        )
        self.assertEqual((status, b"CacheSubnetGroupInUse" in body), (400, True))

    def test_a_type_changes_in_place(self) -> None:
        """aws-resource-elasticache-replicationgroup.html: CacheNodeType in place, Engine replaces."""
        stack = self.made(self.cache())
        before = stack.physical("Cache")
        self.updated(stack, self.cache(CacheNodeType="cache.t4g.small"))
        self.assertEqual(stack.physical("Cache"), before)
        self.updated(stack, self.cache(Engine="redis", EngineVersion="7.1"))
        self.assertNotEqual(stack.physical("Cache"), before)

    def test_what_does_not_exist(self) -> None:
        """API_CreateReplicationGroup; API_CreateCacheSubnetGroup."""
        self.refused("InvalidGroup.NotFound", self.cache(SecurityGroupIds=["sg-0a"]))
        self.refused(
            "CacheSubnetGroupNotFoundFault",
            self.cache(CacheSubnetGroupName="lost"),
            name="Two",
        )
        self.refused(
            "InvalidParameterValue",
            self.cache(AutomaticFailoverEnabled=True),
            name="Three",
        )


class SnapshotPolicies(WorldTest):
    def policy(self, count: int) -> Resources:
        schedule = {
            "Name": "daily",
            "CreateRule": {"Interval": 24, "IntervalUnit": "HOURS", "Times": ["20:30"]},
            "RetainRule": {"Count": count},
        }
        return {
            **without(role(), "Profile"),
            "Policy": of(
                "DLM::LifecyclePolicy",
                Description="Daily",
                State="ENABLED",
                ExecutionRoleArn=att("Role", "Arn"),
                PolicyDetails={
                    "ResourceTypes": ["INSTANCE"],
                    "TargetTags": [{"Key": "DailySnapshot", "Value": "server"}],
                    "Schedules": [schedule],
                },
            ),
        }

    def ask(self, path: str) -> Any:
        status, _, body = asyncio.run(lifecycle._handle("GET", path, {}, b"", {}))
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def test_it_changes_in_place(self) -> None:
        """aws-resource-dlm-lifecyclepolicy.html; dlm/latest/APIReference/API_GetLifecyclePolicy.html."""
        stack = self.made(self.policy(7))
        policy_id = stack.physical("Policy")
        self.updated(stack, self.policy(14))
        self.assertEqual(
            self.ask(f"/policies/{policy_id}")["Policy"]["PolicyDetails"]["Schedules"][
                0
            ]["RetainRule"],
            {"Count": 14},
        )
        self.assertEqual(
            [one["PolicyId"] for one in self.ask("/policies")["Policies"]], [policy_id]
        )
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")
        self.assertEqual(self.ask("/policies")["Policies"], [])

    def test_a_day(self) -> None:
        """EBS User Guide, "Create custom policy for EBS snapshots": a snapshot of each volume of an instance that has a
        target's tag, of which the last are kept; "Delete Amazon Data Lifecycle Manager policies": they outlive it."""
        tagged = server(Tags=[{"Key": "DailySnapshot", "Value": "server"}])
        stack = self.made({**self.policy(2), **tagged, "Other": server()["Server"]})
        disk = ec2._instances[stack.physical("Server")]["BlockDeviceMappings"][0][
            "Ebs"
        ]["VolumeId"]
        for kept in (1, 2, 2):
            lifecycle.run()
            self.assertEqual(
                [one["VolumeId"] for one in ec2._snapshots.values()], kept * [disk]
            )
        tags = {
            tag["Key"]: tag["Value"]
            for tag in ec2._tags[next(iter(ec2._snapshots.keys()))]
        }
        self.assertEqual(tags["aws:dlm:lifecycle-policy-id"], stack.physical("Policy"))
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")
        self.assertEqual(len(ec2._snapshots), 2)

    def test_a_role_that_is_not_there(self) -> None:
        resources = self.policy(7)
        resources["Policy"]["Properties"]["ExecutionRoleArn"] = (
            "arn:aws:iam::123456789012:role/lost"
        )
        self.refused("InvalidRequestException", resources)
