"""Each constraint that is only documented: values that break it, and values that only just keep it.

docs/emulator.md lists them with what holds each, as constraints.py writes them.
"""

import base64
import json
from typing import Any

from extension.contracts import documented, models

from .support import EmulatorTest


def encoded(size: int) -> str:
    return base64.b64encode(b"x" * size).decode()


def policy(size: int) -> str:
    """A policy of so many characters."""
    whole = json.dumps({"Statement": [{"Effect": ""}]}, separators=(",", ":"))
    return whole.replace('""', f'"{"x" * (size - len(whole))}"')


ALARM = {
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanThreshold",
    "Period": 60,
}
WORDS = (["the server's", "x" * 256, "größe"], ["a-zA-Z0-9. _-:/()#,@[]+=;{}!$*", ""])
RANGE = (["10.0.0.0", "10.0.0.0/33", "::/0", "all"], ["10.0.0.1/16", "0.0.0.0/0"])
DATA = (["not base64!", encoded(16385)], ["", encoded(16384)])
HOPS = ([0, 65], [1, "64"])
CREDITS = (["Unlimited"], ["unlimited", "standard"])
COUNT = ([-1], [0, "5"])
VOLUME = (
    [
        {"VolumeType": "gp3", "VolumeSize": 65537},
        {"VolumeType": "gp3", "Iops": 2999},
        {"VolumeType": "gp2", "Iops": 3000},
        {"VolumeType": "gp3", "Throughput": 124},
        {"VolumeType": "io2", "VolumeSize": 10},
        {"VolumeSize": 0},
    ],
    [
        {"VolumeType": "gp3", "VolumeSize": "65536", "Iops": 3000, "Throughput": 125},
        {"VolumeSize": 8},
        {"VolumeType": "io1", "VolumeSize": 4, "Iops": 100},
    ],
)
NAME = (["a" * 33, "-a", "a-", "a_b", ""], ["a" * 32, "kora-backend-1"])
TEMPLATE = (["x" * 51201, "ü" * 25601], ["x" * 51200])
STACK = (
    ["1st", "kora_backend", "a" * 129],
    ["Kora-1", "arn:aws:cloudformation:ap-south-1:1:stack/Kora/1"],
)
TAG = (["aws:name", "AWS:name"], ["name", "a:aws:"])
GROUP: dict[str, tuple[list[Any], list[Any]]] = {
    "HealthCheckType": (["HTTP", "EC2;ELB"], ["ELB", "EC2,ELB"]),
    "MinSize": COUNT,
    "MaxSize": COUNT,
    "DefaultCooldown": COUNT,
    "HealthCheckGracePeriod": COUNT,
    "DefaultInstanceWarmup": ([-2], [-1, 0]),
    "TerminationPolicies": ([["Default", "Oldest"]], [["OldestInstance", "Default"]]),
}

SAMPLES: dict[str, tuple[list[Any], list[Any]]] = {
    "ec2.CreateSecurityGroupRequest.Description": WORDS,
    "ec2.CreateSecurityGroupRequest.GroupName": ([*WORDS[0], "sg-1", "SG-1"], WORDS[1]),
    **{
        f"ec2.{shape}.Description": WORDS
        for shape in ("IpRange", "Ipv6Range", "SecurityGroupRuleDescription")
    },
    **{
        f"ec2.{shape}.Description": ([*WORDS[0], "a & b"], WORDS[1])
        for shape in ("UserIdGroupPair", "PrefixListId")
    },
    "ec2.IpPermission": (
        [
            {"IpProtocol": "tcp"},
            {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 65536},
            {"FromPort": 1, "ToPort": 1},
            {"IpProtocol": "udp", "FromPort": 2, "ToPort": 1},
            {"IpProtocol": "icmp", "FromPort": 256, "ToPort": 0},
        ],
        [
            {"IpProtocol": "-1"},
            {"IpProtocol": "tcp", "FromPort": 0, "ToPort": "65535"},
            {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1},
        ],
    ),
    "ec2.IpRange.CidrIp": RANGE,
    "ec2.Ipv6Range.CidrIpv6": (["10.0.0.0/16", "::"], ["::/0"]),
    "ec2.CreateVpcRequest.CidrBlock": RANGE,
    "ec2.CreateSubnetRequest.CidrBlock": RANGE,
    "ec2.CreateRouteRequest.DestinationCidrBlock": RANGE,
    "ec2.RunInstancesRequest.UserData": DATA,
    "ec2.RequestLaunchTemplateData.UserData": DATA,
    "ec2.ModifyInstanceAttributeRequest.UserData": (
        [{"Value": encoded(16385)}],
        [{"Value": encoded(16384)}],
    ),
    "ec2.CreateLaunchTemplateRequest.LaunchTemplateName": (
        ["ab", "a" * 129, "a b"],
        ["abc", "a" * 128, "a(1)./_-"],
    ),
    "ec2.EbsBlockDevice": VOLUME,
    "ec2.LaunchTemplateEbsBlockDeviceRequest": VOLUME,
    **{
        f"ec2.{shape}.HttpPutResponseHopLimit": HOPS
        for shape in (
            "InstanceMetadataOptionsRequest",
            "LaunchTemplateInstanceMetadataOptionsRequest",
            "ModifyInstanceMetadataOptionsRequest",
        )
    },
    **{
        f"ec2.{shape}.CpuCredits": CREDITS
        for shape in (
            "CreditSpecificationRequest",
            "InstanceCreditSpecificationRequest",
        )
    },
    "ec2.Tag.Key": ([*TAG[0], "", "x" * 129], [*TAG[1], "x" * 128]),
    "ec2.Tag.Value": (["x" * 257], ["", "x" * 256]),
    **{
        f"ec2.AuthorizeSecurityGroup{direction}Request.IpPermissions": (
            [[{}] * 61],
            [[{}] * 60],
        )
        for direction in ("Ingress", "Egress")
    },
    "ec2.TagSpecification.Tags": ([[{}] * 51], [[{}] * 50]),
    "autoscaling.CreateAutoScalingGroupType.AutoScalingGroupName": (
        ["a:b", "a b", "ü"],
        ["a/b-1", "!~"],
    ),
    **{
        f"autoscaling.{shape}.{member}": samples
        for shape in ("CreateAutoScalingGroupType", "UpdateAutoScalingGroupType")
        for member, samples in GROUP.items()
    },
    "autoscaling.EnableMetricsCollectionQuery.Granularity": (["5Minute"], ["1Minute"]),
    "autoscaling.EnableMetricsCollectionQuery.Metrics": (
        [["GroupMinSize", "GroupSize"]],
        [["GroupMinSize", "GroupInServiceInstances"]],
    ),
    "autoscaling.PutScalingPolicyType.MetricAggregationType": (["Sum"], ["Average"]),
    "autoscaling.PredefinedMetricSpecification": (
        [
            {"PredefinedMetricType": "ALBRequestCountPerTarget"},
            {
                "PredefinedMetricType": "ALBRequestCountPerTarget",
                "ResourceLabel": "app/kora/1/targets/kora/1",
            },
        ],
        [
            {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            {
                "PredefinedMetricType": "ALBRequestCountPerTarget",
                "ResourceLabel": "app/kora/1/targetgroup/kora/1",
            },
        ],
    ),
    "elbv2.CreateLoadBalancerInput.Name": ([*NAME[0], "internal-a"], NAME[1]),
    "elbv2.CreateTargetGroupInput.Name": NAME,
    "elbv2.CreateTargetGroupInput.HealthCheckPath": (["health"], ["/", "/health?a=b"]),
    "elbv2.CreateTargetGroupInput": (
        [
            {"HealthCheckTimeoutSeconds": 5, "HealthCheckIntervalSeconds": 5},
            {"HealthCheckTimeoutSeconds": 30},
        ],
        [{"HealthCheckTimeoutSeconds": 5, "HealthCheckIntervalSeconds": 6}, {}],
    ),
    "elbv2.Matcher.HttpCode": (
        ["199", "500", "200-", "ok"],
        ["200", "200-299,301", "499"],
    ),
    "elbv2.TargetGroupAttribute": (
        [
            {"Key": "deregistration_delay.timeout_seconds", "Value": "3601"},
            {"Key": "stickiness.lb_cookie.duration_seconds", "Value": "0"},
        ],
        [
            {"Key": "deregistration_delay.timeout_seconds", "Value": "3600"},
            {"Key": "stickiness.enabled", "Value": "true"},
        ],
    ),
    "elbv2.LoadBalancerAttribute": (
        [
            {"Key": "deletion_protection.enabled", "Value": "yes"},
            {"Key": "idle_timeout.timeout_seconds", "Value": "4001"},
            {"Key": "routing.http.desync_mitigation_mode", "Value": "off"},
        ],
        [
            {"Key": "deletion_protection.enabled", "Value": "true"},
            {"Key": "idle_timeout.timeout_seconds", "Value": "4000"},
        ],
    ),
    "elbv2.TargetGroupStickinessConfig.DurationSeconds": ([0, 604801], [1, 604800]),
    "elbv2.TargetGroupTuple.Weight": ([-1, 1000], [0, 999]),
    "elbv2.ForwardActionConfig.TargetGroups": ([[], [{}] * 6], [[{}] * 5]),
    "elbv2.RedirectActionConfig.Port": (["0", "65536", "https"], ["443", "#{port}"]),
    "elbv2.RedirectActionConfig.Path": (["#{path}"], ["/#{path}"]),
    "elbv2.FixedResponseActionConfig.ContentType": (["text/xml"], ["text/plain"]),
    "elbv2.CreateListenerInput.Certificates": ([[], [{}, {}]], [[{}]]),
    "cloudwatch.PutMetricAlarmInput.AlarmName": (["a\nb", ""], ["high CPU (kora)"]),
    "cloudwatch.PutMetricAlarmInput.Period": ([0, 15, 90], [10, 60, "300"]),
    "cloudwatch.MetricStat.Period": ([0, 15, 90], [10, 60]),
    "cloudwatch.PutMetricAlarmInput.EvaluateLowSampleCountPercentile": (
        ["maybe"],
        ["ignore"],
    ),
    "cloudwatch.PutMetricAlarmInput.ExtendedStatistic": (
        ["95", "p101", "Average"],
        ["p95", "p99.9", "p100", "IQM", "TM(10%:90%)"],
    ),
    "cloudwatch.PutMetricAlarmInput": (
        [
            {**ALARM, "ComparisonOperator": None},
            {**ALARM, "EvaluationPeriods": 1441},
            {**ALARM, "EvaluationPeriods": 169, "Period": 3600},
        ],
        [
            {**ALARM, "EvaluationPeriods": 1440},
            {**ALARM, "EvaluationPeriods": 168, "Period": 3600},
        ],
    ),
    "cloudwatch.MetricDataQuery.Id": (["1a", "Rate", "a-b"], ["a", "rate_1"]),
    "cloudwatch.MetricDataQuery": (
        [{}, {"Expression": "a", "MetricStat": {"Stat": "Sum"}}],
        [{"Expression": "a"}],
    ),
    "cloudwatch.PutDashboardInput.DashboardName": (
        ["a b", "a" * 256, ""],
        ["Kora_1-a"],
    ),
    "acm.RequestCertificateRequest.DomainName": (["a" * 65], ["a" * 64]),
    "acm.RequestCertificateRequest.SubjectAlternativeNames": (
        [["a"] * 10],
        [["a"] * 9],
    ),
    "route53.ResourceRecordSet": (
        [
            {"Type": "A", "TTL": 60, "AliasTarget": {"DNSName": "a"}},
            {"Type": "A", "TTL": 60},
            {"Type": "A", "ResourceRecords": [{"Value": "192.0.2.1"}]},
            {"Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "::1"}]},
            {"Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": "a"}]},
            {
                "Type": "CNAME",
                "TTL": 60,
                "ResourceRecords": [{"Value": "a."}, {"Value": "b."}],
            },
        ],
        [
            {"Type": "A", "AliasTarget": {"DNSName": "a"}},
            {"Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
            {"Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"a" "b"'}]},
            {"Type": "AAAA", "TTL": 0, "ResourceRecords": [{"Value": "::1"}]},
        ],
    ),
    "route53.ResourceRecordSet.Name": (["a..b", "a" * 64 + ".b"], ["a" * 63 + ".b."]),
    "dlm.CreateRule.Interval": ([5, 48], [1, "24"]),
    "dlm.RetainRule.Count": ([0, 1001], [1, 1000]),
    "dlm.Schedule": (
        [{"Name": "a", "CreateRule": {"Interval": 1}}],
        [{"Name": "a", "CreateRule": {"Interval": 1}, "RetainRule": {"Count": 1}}],
    ),
    "iam.CreateRoleRequest.AssumeRolePolicyDocument": (
        [policy(2049), "{}", "a", '{"Statement": []}'],
        [policy(2048)],
    ),
    "iam.UpdateAssumeRolePolicyRequest.PolicyDocument": (
        [policy(2049)],
        [policy(2048)],
    ),
    "iam.PutRolePolicyRequest.PolicyDocument": (
        [policy(10241)],
        [policy(10240), policy(10000).replace(",", " " * 300 + ",")],
    ),
    "ssm.PutParameterRequest.Name": (
        ["/aws/a", "SSMa", "a/b", "/a//b", "/a b", "/a" * 16, "a" * 952],
        ["/kora/aws", "a.b_c-d", "/a" * 15],
    ),
    "ssm.PutParameterRequest": (
        [
            {"Value": ""},
            {"Value": "x" * 4097},
            {"Value": "ü" * 2049},
            {"Value": "{{a}}"},
            {"Value": "x" * 8193, "Tier": "Advanced"},
        ],
        [{"Value": "x" * 4096}, {"Value": "x" * 8192, "Tier": "Advanced"}],
    ),
    "ssm.CreateDocumentRequest.Content": (
        ["a", json.dumps({"a": "x" * 65536})],
        ['{"a": 1}'],
    ),
    "ssm.UpdateDocumentRequest.Content": (
        ["a", json.dumps({"a": "x" * 65536})],
        ['{"a": 1}'],
    ),
    "ssm.CreateDocumentRequest.Name": (["AWS-a", "amazon-a", "Amzn"], ["kora-aws"]),
    "logs.CreateLogGroupRequest.logGroupName": (["aws/a"], ["/aws/a", "kora"]),
    "logs.PutRetentionPolicyRequest.retentionInDays": ([0, 2, 31], [1, "30", 3653]),
    "sns.CreateTopicInput.Name": (["a b", "", "a" * 257, "a.fifo"], ["Kora_1-a"]),
    "sns.CreateTopicInput.Attributes": (
        [{"DisplayName": "x" * 101}],
        [{"DisplayName": "x" * 100}, {}],
    ),
    "sns.SubscribeInput": (
        [
            {"Protocol": "email", "Endpoint": "a"},
            {"Protocol": "https", "Endpoint": "http://a"},
            {"Protocol": "fax", "Endpoint": "a"},
        ],
        [
            {"Protocol": "email", "Endpoint": "a@b"},
            {"Protocol": "https", "Endpoint": "https://a"},
        ],
    ),
    "sns.SetTopicAttributesInput": (
        [
            {"AttributeName": "Policy", "AttributeValue": policy(30721)},
            {"AttributeName": "DisplayName", "AttributeValue": "x" * 101},
        ],
        [
            {"AttributeName": "Policy", "AttributeValue": policy(30720)},
            {"AttributeName": "DisplayName"},
        ],
    ),
    "elasticache.CreateReplicationGroupMessage.ReplicationGroupId": (
        ["1a", "a--b", "a-", "a" * 41, "a_b"],
        ["a" * 40, "kora-1"],
    ),
    "elasticache.CreateReplicationGroupMessage.NumCacheClusters": ([0, 7], [1, 6]),
    "elasticache.CreateReplicationGroupMessage.Engine": (["memcached"], ["valkey"]),
    "elasticache.CreateCacheSubnetGroupMessage.CacheSubnetGroupName": (
        ["a b", "a" * 256],
        ["kora-1"],
    ),
    "s3.CreateBucketRequest.Bucket": (
        [
            "ab",
            "Kora",
            "a_b",
            "a..b",
            "192.0.2.1",
            "xn--a",
            "a-s3alias",
            "-ab",
            "a" * 64,
        ],
        ["abc", "a.b-1", "a" * 63],
    ),
    "s3.PutBucketPolicyRequest.Policy": ([policy(20481), "{}"], [policy(20480)]),
    **{
        f"cloudformation.{shape}.{member}": samples
        for shape in ("CreateStackInput", "UpdateStackInput", "CreateChangeSetInput")
        for member, samples in (("TemplateBody", TEMPLATE), ("StackName", STACK))
    },
    **{
        f"{service}.Tag.Key": TAG
        for service in (
            "acm",
            "autoscaling",
            "cloudformation",
            "cloudwatch",
            "elasticache",
            "elbv2",
            "iam",
            "s3",
            "sns",
            "ssm",
        )
    },
}


class Rules(EmulatorTest):
    def test_each_is_broken_and_kept(self) -> None:
        self.assertEqual(
            sorted({one.where for one in documented.RULES}), sorted(SAMPLES)
        )
        for rule in documented.RULES:
            breaks, keeps = SAMPLES[rule.where]
            with self.subTest(rule.where, allowed=rule.allowed):
                self.assertTrue(
                    [one for one in breaks if not rule.keeps(within(rule, one))]
                )
                self.assertEqual(
                    [one for one in keeps if not rule.keeps(within(rule, one))], []
                )

    def test_each_value_breaks_one(self) -> None:
        for where, (breaks, _) in SAMPLES.items():
            rules = [one for one in documented.RULES if one.where == where]
            for value in breaks:
                with self.subTest(where, value=str(value)[:60]):
                    self.assertTrue(
                        any(not one.keeps(within(one, value)) for one in rules)
                    )

    def test_each_stands_in_a_model(self) -> None:
        for rule in documented.RULES:
            service, shape = rule.place.split(".")
            with self.subTest(rule.where):
                members = models.service(service).shape_for(shape).members
                self.assertTrue(not rule.member or rule.member in members)


def within(rule: documented.Rule, value: Any) -> dict[str, Any]:
    """The structure that the rule looks at."""
    whole: dict[str, Any] = {rule.member: value} if rule.member else value
    return whole
