"""Constraints that AWS documents, or that people met, and that no service model has.

A rule stands at a member of a structure, so that it holds wherever the structure goes: in the calls of a handler, and in
those over the wire. Pages are below https://docs.aws.amazon.com/, unless they are a report's.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .predicates import (
    at_most,
    balancer_attribute,
    based,
    between,
    bucket,
    document,
    each,
    endpoint,
    evaluation,
    matching,
    name_of_domain,
    network,
    one_of,
    periods,
    policy,
    ports,
    record,
    target_attribute,
    topic_attribute,
    unless,
    user_data,
    volume,
)

PAGE, REPORT, DEDUCED = "page", "report", "deduced"
"""What holds a rule: AWS's page; somebody to whom it happened; or only that nothing else makes sense, and no page says it."""


@dataclass(frozen=True)
class Rule:
    """One constraint.

    where: service.Structure.member; service.Structure for members that must fit together; for what is no call's but the
    template's own, the entry's path. allowed: what holds, in words. test: whether a value that is there is allowed; it sees
    the whole structure where there is no member. source: the page, or who reported it. code, message: what AWS answers, where
    that is known; {value} stands for the value.
    """

    where: str
    allowed: str
    test: Callable[[Any], bool]
    source: str
    code: str = ""
    message: str = ""
    held: str = PAGE

    @property
    def place(self) -> str:
        """service.Structure"""
        return ".".join(self.where.split(".")[:2])

    @property
    def member(self) -> str:
        """The member; "" for the whole structure."""
        return ".".join(self.where.split(".")[2:])

    def keeps(self, structure: dict[str, Any]) -> bool:
        """Whether the structure keeps it. A value of another type than it asks for does not."""
        value = structure.get(self.member) if self.member else structure
        try:
            return value is None or self.test(value)
        except (TypeError, ValueError, KeyError, AttributeError):
            return False

    def says(self, structure: dict[str, Any]) -> str:
        """The message about a structure that breaks it."""
        value = structure.get(self.member) if self.member else structure
        if self.message:
            return self.message.replace("{value}", str(value))
        at = self.member or self.where.split(".")[-1]
        return f"Value '{value}' at '{at}' failed to satisfy constraint: {self.allowed}"


# ---- the rules

EC2 = "AWSEC2/latest/APIReference/"
SCALE = "autoscaling/ec2/APIReference/"
ELB = "elasticloadbalancing/latest/APIReference/"
WATCH = "AmazonCloudWatch/latest/APIReference/"
SSM = "systems-manager/latest/APIReference/"
TEMPLATE = "AWSCloudFormation/latest/TemplateReference/"
IAM = "IAM/latest/UserGuide/reference_iam-quotas.html"
S3 = "AmazonS3/latest/userguide/"
TAGS = "tag-editor/latest/userguide/best-practices-and-strats.html"
DESCRIPTION = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}"
WORDS = "at most 255 of a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
SAID = (
    "Invalid {} description. Valid descriptions are strings less than 256 characters from the following set:  "
    "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
)
RULE_DESCRIPTION = SAID.replace("{}", "rule", 1)
GROUP_DESCRIPTION = SAID.replace("{}", "security group", 1)
INVALID = "InvalidParameterValue"
BALANCER_NAME = r"(?!-)[a-zA-Z0-9-]{1,32}(?<!-)"

# A table: laid out by the formatter, each row would fill half a screen.
# fmt: off
RULES: tuple[Rule, ...] = (
    # EC2
    Rule("ec2.CreateSecurityGroupRequest.Description", WORDS, matching(DESCRIPTION), EC2 + "API_CreateSecurityGroup.html", INVALID,
         GROUP_DESCRIPTION),
    Rule("ec2.CreateSecurityGroupRequest.GroupName", f"{WORDS}, not starting with sg-", unless("sg-.*", matching(DESCRIPTION)),
         EC2 + "API_CreateSecurityGroup.html", INVALID),
    *(Rule(f"ec2.{shape}.Description", WORDS, matching(DESCRIPTION), source, INVALID, RULE_DESCRIPTION, held)
      for shape, source, held in (
        ("IpRange", EC2 + "API_IpRange.html", PAGE), ("Ipv6Range", EC2 + "API_Ipv6Range.html", PAGE),
        ("SecurityGroupRuleDescription", EC2 + "API_SecurityGroupRuleDescription.html", PAGE))),
    *(Rule(f"ec2.{shape}.Description", f"{WORDS}, without &", matching(DESCRIPTION.replace("&", "")), source, INVALID,
           RULE_DESCRIPTION, held)
      for shape, source, held in (
        ("UserIdGroupPair", "aws-cloudformation/cfn-lint #173, hashicorp/terraform-provider-aws #18874; without & by its page, "
         "with it by the message of its refusal", REPORT),
        ("PrefixListId", EC2 + "API_PrefixListId.html", PAGE))),
    Rule("ec2.IpPermission", "a protocol, and for tcp, udp and icmp a range of ports that it has", ports,
         EC2 + "API_IpPermission.html", INVALID),
    *(Rule(f"ec2.AuthorizeSecurityGroup{direction}Request.IpPermissions", "at most 60 rules, the default quota of a group", at_most(60),
           "vpc/latest/userguide/amazon-vpc-limits.html", "RulesPerSecurityGroupLimitExceeded",
           "The maximum number of rules per security group has been reached.") for direction in ("Ingress", "Egress")),
    Rule("ec2.IpRange.CidrIp", "an IPv4 range", network(4), EC2 + "API_IpRange.html", INVALID, "CIDR block {value} is malformed"),
    Rule("ec2.Ipv6Range.CidrIpv6", "an IPv6 range", network(6), EC2 + "API_Ipv6Range.html", INVALID,
         "CIDR block {value} is malformed"),
    *(Rule(f"ec2.{shape}.{member}", "an IPv4 range", network(4), EC2 + page, INVALID,
           f"Value ({{value}}) for parameter {member[:1].lower()}{member[1:]} is invalid. This is not a valid CIDR block.")
      for shape, member, page in (
        ("CreateVpcRequest", "CidrBlock", "API_CreateVpc.html"), ("CreateSubnetRequest", "CidrBlock", "API_CreateSubnet.html"),
        ("CreateRouteRequest", "DestinationCidrBlock", "API_CreateRoute.html"))),
    *(Rule(f"ec2.{shape}.UserData", allowed, test, page, code, message)
      for shape, page in (("RunInstancesRequest", "AWSEC2/latest/UserGuide/user-data.html"),
                          ("RequestLaunchTemplateData", EC2 + "API_RequestLaunchTemplateData.html"))
      for allowed, test, code, message in (
        ("base64", based, "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data"),
        ("at most 16 KB before base64", user_data, INVALID, "User data is limited to 16384 bytes"))),
    Rule("ec2.ModifyInstanceAttributeRequest.UserData", "at most 16 KB before base64", lambda value: user_data(value["Value"]),
         "AWSEC2/latest/UserGuide/user-data.html", INVALID, "User data is limited to 16384 bytes"),
    Rule("ec2.CreateLaunchTemplateRequest.LaunchTemplateName", "3-128 of a-zA-Z0-9().-/_",
         matching(r"[a-zA-Z0-9().\-/_]{3,128}"), EC2 + "API_LaunchTemplate.html", "InvalidLaunchTemplateName.MalformedException"),
    *(Rule(f"ec2.{shape}", "a size, IOPS and throughput that the volume's type takes", volume, f"{EC2}API_{page}.html", INVALID)
      for shape, page in (("EbsBlockDevice", "EbsBlockDevice"),
                          ("LaunchTemplateEbsBlockDeviceRequest", "LaunchTemplateEbsBlockDeviceRequest"))),
    *(Rule(f"ec2.{shape}.HttpPutResponseHopLimit", "1-64", between(1, 64), f"{EC2}API_{shape}.html", INVALID)
      for shape in ("InstanceMetadataOptionsRequest", "LaunchTemplateInstanceMetadataOptionsRequest",
                    "ModifyInstanceMetadataOptionsRequest")),
    *(Rule(f"ec2.{shape}.CpuCredits", "standard or unlimited", one_of("standard", "unlimited"), f"{EC2}API_{shape}.html", INVALID)
      for shape in ("CreditSpecificationRequest", "InstanceCreditSpecificationRequest")),
    Rule("ec2.Tag.Key", "at most 128 characters, not starting with aws:", unless("aws:.*", matching(".{1,128}")),
         EC2 + "API_Tag.html", INVALID, "Tag keys starting with 'aws:' are reserved for internal use"),
    Rule("ec2.Tag.Value", "at most 256 characters", matching(".{0,256}"), EC2 + "API_Tag.html", INVALID),
    Rule("ec2.TagSpecification.Tags", "at most 50 tags", at_most(50), "AWSEC2/latest/UserGuide/Using_Tags.html",
         "TagLimitExceeded"),
    # Auto Scaling
    Rule("autoscaling.CreateAutoScalingGroupType.AutoScalingGroupName", "printable ASCII without a colon",
         matching(r"[!-9;-~]{1,255}"), SCALE + "API_CreateAutoScalingGroup.html"),
    *(Rule(f"autoscaling.{shape}.{member}", allowed, test, f"{SCALE}API_{page}.html", held=held)
      for shape, page in (("CreateAutoScalingGroupType", "CreateAutoScalingGroup"),
                          ("UpdateAutoScalingGroupType", "UpdateAutoScalingGroup"))
      for member, allowed, test, held in (
        ("HealthCheckType", "EC2, EBS, ELB, VPC_LATTICE, with commas between", matching(
            "(EC2|EBS|ELB|VPC_LATTICE)(,(EC2|EBS|ELB|VPC_LATTICE))*"), PAGE),
        *((name, "0 or more", between(0, 1e9), DEDUCED) for name in ("MinSize", "MaxSize", "DefaultCooldown",
                                                                    "HealthCheckGracePeriod")),
        ("DefaultInstanceWarmup", "-1 or more", between(-1, 1e9), PAGE),
        ("TerminationPolicies", "names that the page lists", each(matching(
            "Default|AllocationStrategy|ClosestToNextInstanceHour|NewestInstance|OldestInstance|OldestLaunchConfiguration|"
            "OldestLaunchTemplate|arn:aws:lambda:.+")), PAGE))),
    Rule("autoscaling.EnableMetricsCollectionQuery.Granularity", "1Minute", one_of("1Minute"),
         SCALE + "API_EnableMetricsCollection.html"),
    Rule("autoscaling.EnableMetricsCollectionQuery.Metrics", "names of the group's metrics", each(matching(
        "Group(MinSize|MaxSize|DesiredCapacity|(InService|Pending|Standby|Terminating|Total)(Instances|Capacity))|"
        "WarmPool(Desired|Warmed|Pending|Terminating|Total)Capacity|GroupAndWarmPool(Desired|Total)Capacity")),
         SCALE + "API_EnableMetricsCollection.html"),
    Rule("autoscaling.PutScalingPolicyType.MetricAggregationType", "Minimum, Maximum or Average",
         one_of("Minimum", "Maximum", "Average"), SCALE + "API_PutScalingPolicy.html"),
    Rule("autoscaling.PredefinedMetricSpecification", "a ResourceLabel of balancer and target group with ALBRequestCountPerTarget",
         lambda value: value["PredefinedMetricType"] != "ALBRequestCountPerTarget" or re.fullmatch(
             r"app/[\w-]+/\w+/targetgroup/[\w-]+/\w+", value["ResourceLabel"]) is not None,
         SCALE + "API_PredefinedMetricSpecification.html"),
    # Elastic Load Balancing
    Rule("elbv2.CreateLoadBalancerInput.Name", "at most 32 letters, digits and hyphens, no hyphen at an end, not internal-",
         unless("internal-.*", matching(BALANCER_NAME)), ELB + "API_CreateLoadBalancer.html"),
    Rule("elbv2.CreateTargetGroupInput.Name", "at most 32 letters, digits and hyphens, no hyphen at an end",
         matching(BALANCER_NAME), ELB + "API_CreateTargetGroup.html"),
    Rule("elbv2.CreateTargetGroupInput.HealthCheckPath", "a path from /", matching("/.*"), "hashicorp/terraform-provider-aws #2580",
         held=REPORT),
    Rule("elbv2.CreateTargetGroupInput", "a timeout that is shorter than the interval",
         lambda value: int(value.get("HealthCheckTimeoutSeconds", 0)) < int(value.get("HealthCheckIntervalSeconds", 30)),
         ELB + "API_CreateTargetGroup.html", held=DEDUCED),
    Rule("elbv2.Matcher.HttpCode", "codes and ranges of 200-499", matching(r"[234]\d\d(-[234]\d\d)?(,[234]\d\d(-[234]\d\d)?)*"),
         ELB + "API_Matcher.html"),
    Rule("elbv2.TargetGroupAttribute", "values in the attribute's range", target_attribute, ELB + "API_TargetGroupAttribute.html"),
    Rule("elbv2.LoadBalancerAttribute", "values that the attribute takes", balancer_attribute,
         ELB + "API_LoadBalancerAttribute.html"),
    Rule("elbv2.TargetGroupStickinessConfig.DurationSeconds", "1-604800", between(1, 604800),
         ELB + "API_TargetGroupStickinessConfig.html"),
    Rule("elbv2.TargetGroupTuple.Weight", "0-999", between(0, 999), ELB + "API_TargetGroupTuple.html"),
    Rule("elbv2.ForwardActionConfig.TargetGroups", "1-5 target groups", lambda value: 1 <= len(value) <= 5,
         "elasticloadbalancing/latest/application/load-balancer-limits.html"),
    Rule("elbv2.RedirectActionConfig.Port", "1-65535 or #{port}",
         lambda value: value == "#{port}" or 1 <= int(value) <= 65535, ELB + "API_RedirectActionConfig.html"),
    Rule("elbv2.RedirectActionConfig.Path", "a path from /", matching("/.*"), ELB + "API_RedirectActionConfig.html"),
    Rule("elbv2.FixedResponseActionConfig.ContentType", "text/plain, text/css, text/html, application/javascript or "
         "application/json", one_of("text/plain", "text/css", "text/html", "application/javascript", "application/json"),
         ELB + "API_FixedResponseActionConfig.html"),
    Rule("elbv2.CreateListenerInput.Certificates", "exactly one certificate", lambda value: len(value) == 1,
         ELB + "API_CreateListener.html"),
    # CloudWatch
    Rule("cloudwatch.PutMetricAlarmInput.AlarmName", "no control characters", matching(r"[^\x00-\x1f\x7f]+"),
         WATCH + "API_PutMetricAlarm.html"),
    Rule("cloudwatch.PutMetricAlarmInput.Period", "10, 20, 30 or a multiple of 60", periods, WATCH + "API_PutMetricAlarm.html"),
    Rule("cloudwatch.MetricStat.Period", "10, 20, 30 or a multiple of 60", periods, WATCH + "API_MetricStat.html"),
    Rule("cloudwatch.PutMetricAlarmInput.EvaluateLowSampleCountPercentile", "evaluate or ignore", one_of("evaluate", "ignore"),
         WATCH + "API_PutMetricAlarm.html"),
    Rule("cloudwatch.PutMetricAlarmInput.ExtendedStatistic", "a percentile or a trimmed statistic",
         matching(r"(p|tm|tc|ts|wm)\d{1,2}(\.\d{1,10})?|p100|IQM|(PR|TC|TM|TS|WM)\([\d.%:]+\)"),
         WATCH + "API_PutMetricAlarm.html"),
    Rule("cloudwatch.PutMetricAlarmInput", "EvaluationPeriods and ComparisonOperator",
         lambda value: bool(value.get("EvaluationCriteria") or (value.get("EvaluationPeriods") and value.get("ComparisonOperator"))),
         WATCH + "API_PutMetricAlarm.html"),
    Rule("cloudwatch.PutMetricAlarmInput", "at most a day of periods, a week where they are of an hour or more", evaluation,
         WATCH + "API_PutMetricAlarm.html"),
    Rule("cloudwatch.MetricDataQuery.Id", "letters, digits and _, from a small letter", matching(r"[a-z]\w*"),
         WATCH + "API_MetricDataQuery.html"),
    Rule("cloudwatch.MetricDataQuery", "either Expression or MetricStat",
         lambda value: bool(value.get("Expression")) != bool(value.get("MetricStat")), WATCH + "API_MetricDataQuery.html"),
    Rule("cloudwatch.PutDashboardInput.DashboardName", "1-255 of a-zA-Z0-9-_", matching(r"[a-zA-Z0-9\-_]{1,255}"),
         WATCH + "API_PutDashboard.html"),
    # names and certificates
    Rule("acm.RequestCertificateRequest.DomainName", "at most 64 characters", at_most(64),
         "acm/latest/APIReference/API_RequestCertificate.html"),
    Rule("acm.RequestCertificateRequest.SubjectAlternativeNames", "at most 9 beside the first, the quota of a new account", at_most(9),
         "acm/latest/APIReference/API_RequestCertificate.html", "LimitExceededException"),
    Rule("route53.ResourceRecordSet", "an alias, or a TTL and records of the form that their type has", record,
         "Route53/latest/DeveloperGuide/ResourceRecordTypes.html", "InvalidChangeBatch"),
    Rule("route53.ResourceRecordSet.Name", "labels of at most 63 characters", name_of_domain,
         "Route53/latest/DeveloperGuide/DomainNameFormat.html", "InvalidChangeBatch"),
    # snapshots
    Rule("dlm.CreateRule.Interval", "1, 2, 3, 4, 6, 8, 12 or 24", one_of(1, 2, 3, 4, 6, 8, 12, 24),
         "dlm/latest/APIReference/API_CreateRule.html"),
    Rule("dlm.Schedule", "a name, a rule to create and one to retain",
         lambda value: bool(value.get("Name") and value.get("CreateRule") and value.get("RetainRule")),
         "dlm/latest/APIReference/API_Schedule.html"),
    Rule("dlm.RetainRule.Count", "1-1000", between(1, 1000), "dlm/latest/APIReference/API_RetainRule.html", held=DEDUCED),
    # roles
    Rule("iam.CreateRoleRequest.AssumeRolePolicyDocument", "a policy of at most 2,048 characters", policy(2048), IAM,
         "MalformedPolicyDocument"),
    Rule("iam.UpdateAssumeRolePolicyRequest.PolicyDocument", "a policy of at most 2,048 characters", policy(2048), IAM,
         "MalformedPolicyDocument"),
    Rule("iam.PutRolePolicyRequest.PolicyDocument", "a policy of at most 10,240 characters", policy(10240), IAM, "LimitExceeded",
         "Maximum policy size of 10240 bytes exceeded"),
    # parameters, documents, associations
    Rule("ssm.PutParameterRequest.Name", "levels of a-zA-Z0-9_.- below /, not starting with aws or ssm",
         unless("/?(aws|ssm).*", matching(r"[a-zA-Z0-9_.\-]+|(/[a-zA-Z0-9_.\-]+){1,15}")),
         "systems-manager/latest/userguide/sysman-parameter-name-constraints.html", "ValidationException",
         'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths '
         "divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_"),
    Rule("ssm.PutParameterRequest.Name", "at most 1,011 characters with the ARN before it", at_most(1011 - 60),
         SSM + "API_PutParameter.html"),
    Rule("ssm.PutParameterRequest", "1-4,096 bytes, 8,192 in the advanced tier, without two braces",
         lambda value: value.get("Value") is None or (
             0 < len(value["Value"].encode()) <= (4096 if value.get("Tier", "Standard") == "Standard" else 8192)
             and "{{" not in value["Value"]),
         SSM + "API_PutParameter.html", "ValidationException", "Standard tier parameters support a maximum parameter value of 4096 "
         "characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier."),
    *(Rule(f"ssm.{shape}.Content", "JSON of at most 64 KB", document,
           f"{SSM}API_{page}.html", code)
      for shape, page, code in (("CreateDocumentRequest", "CreateDocument", "MaxDocumentSizeExceeded"),
                                ("UpdateDocumentRequest", "UpdateDocument", "MaxDocumentSizeExceeded"))),
    Rule("ssm.CreateDocumentRequest.Name", "not starting with aws, amazon, amzn, AWSEC2, AWSConfigRemediation or AWSSupport",
         unless("(aws|amazon|amzn).*", matching(".*")), SSM + "API_CreateDocument.html"),
    # log groups, topics, caches
    Rule("logs.CreateLogGroupRequest.logGroupName", "not starting with aws/", unless("aws/.*", matching(".*")),
         "AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"),
    Rule("logs.PutRetentionPolicyRequest.retentionInDays", "the days that the page lists", one_of(
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
         "AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"),
    Rule("sns.CreateTopicInput.Name", "1-256 letters, digits, _ and -", matching(r"[a-zA-Z0-9_\-]{1,256}"),
         "sns/latest/api/API_CreateTopic.html"),
    Rule("sns.CreateTopicInput.Attributes", "a DisplayName of at most 100 characters",
         lambda value: len(value.get("DisplayName", "")) <= 100, "getlift/lift #348", held=REPORT),
    Rule("sns.SubscribeInput", "an endpoint of the protocol's form", endpoint, "sns/latest/api/API_Subscribe.html"),
    Rule("sns.SetTopicAttributesInput", "a DisplayName of at most 100 characters, a policy of at most 30 KB", topic_attribute,
         "sns/latest/dg/sns-access-policy-language-api-permissions-reference.html"),
    Rule("elasticache.CreateReplicationGroupMessage.ReplicationGroupId",
         "1-40 letters, digits and hyphens from a letter, no hyphen at the end and no two together",
         matching(r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{0,39}(?<!-)"),
         "AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html"),
    Rule("elasticache.CreateReplicationGroupMessage.NumCacheClusters", "1-6", between(1, 6),
         "AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html"),
    Rule("elasticache.CreateReplicationGroupMessage.Engine", "valkey or redis", one_of("valkey", "redis"),
         "AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html"),
    Rule("elasticache.CreateCacheSubnetGroupMessage.CacheSubnetGroupName", "1-255 letters, digits and hyphens",
         matching(r"[a-zA-Z0-9-]{1,255}"), "AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html"),
    # S3
    Rule("s3.CreateBucketRequest.Bucket", "3-63 small letters, digits, dots and hyphens, no reserved beginning or end", bucket,
         S3 + "bucketnamingrules.html", "InvalidBucketName", "The specified bucket is not valid."),
    Rule("s3.PutBucketPolicyRequest.Policy", "a policy of at most 20 KB", policy(20480), S3 + "add-bucket-policy.html",
         "MalformedPolicy"),
    # CloudFormation
    *(Rule(f"cloudformation.{shape}.TemplateBody", "at most 51,200 bytes", at_most(51200),
           "AWSCloudFormation/latest/UserGuide/cloudformation-limits.html", "ValidationError",
           "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than "
           "or equal to 51200")
      for shape in ("CreateStackInput", "UpdateStackInput", "CreateChangeSetInput")),
    *(Rule(f"cloudformation.{shape}.StackName", "at most 128 letters, digits and hyphens from a letter, or an ARN",
           matching(r"[a-zA-Z][a-zA-Z0-9-]{0,127}|arn:aws:cloudformation:.+"),
           f"AWSCloudFormation/latest/APIReference/API_{shape.removesuffix('Input')}.html", "ValidationError")
      for shape in ("CreateStackInput", "UpdateStackInput", "CreateChangeSetInput")),
    # tags of the others
    *(Rule(f"{service}.Tag.Key", "not starting with aws:", unless("aws:.*", matching(".*")), TAGS)
      for service in ("acm", "autoscaling", "cloudformation", "cloudwatch", "elasticache", "elbv2", "iam", "s3", "sns", "ssm")),
)
# fmt: on


@functools.cache
def of(service: str, structure: str) -> tuple[Rule, ...]:
    """The rules of a structure and its members."""
    return _places().get(f"{service}.{structure}", ())


@functools.cache
def _places() -> dict[str, tuple[Rule, ...]]:
    return {place: tuple(rule for rule in RULES if rule.place == place) for place in {rule.place for rule in RULES}}
