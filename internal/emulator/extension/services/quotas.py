"""How much an account may have in a region: told by Service Quotas and by the services' own calls, and held where it is made.

The numbers that AWS begins with are those of vpc/latest/userguide/amazon-vpc-limits.html,
AWSEC2/latest/UserGuide/ec2-on-demand-instances.html ("On-Demand Instance quotas"),
elasticloadbalancing/latest/application/load-balancer-limits.html and
autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html.
"""

import json
from dataclasses import dataclass
from typing import Any

from ministack import app
from ministack.core import router
from ministack.core.responses import get_account_id, get_region
from ministack.services import alb, autoscaling, ec2

from .. import actions, models, query
from ..contracts import answers
from ..resources import Refusal

SERVICE = "service-quotas"


@dataclass(frozen=True)
class Quota:
    """One quota: its service, its name, what AWS begins with, and what this account has unless a test says otherwise."""

    service: str
    name: str
    default: int
    account: int = 0


VCPUS, ADDRESSES = "L-1216C47A", "L-0263D0A3"
VPCS, GATEWAYS, GROUPS, RULES, GROUPS_EACH = "L-F678F1CE", "L-A4707A72", "L-E79EC296", "L-0EA8095F", "L-2AFB9258"
BALANCERS, TARGET_GROUPS, FLEETS = "L-53DA6B97", "L-B22855CB", "L-CDE20ADC"

QUOTAS = {
    VCPUS: Quota("ec2", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5, 1152),
    ADDRESSES: Quota("ec2", "EC2-VPC Elastic IPs", 5),
    VPCS: Quota("vpc", "VPCs per Region", 5),
    GATEWAYS: Quota("vpc", "Internet gateways per Region", 5),
    GROUPS: Quota("vpc", "VPC security groups per Region", 2500),
    RULES: Quota("vpc", "Inbound or outbound rules per security group", 60),
    GROUPS_EACH: Quota("vpc", "Security groups per network interface", 5),
    BALANCERS: Quota("elasticloadbalancing", "Application Load Balancers per Region", 50),
    TARGET_GROUPS: Quota("elasticloadbalancing", "Target Groups per Region", 3000),
    FLEETS: Quota("autoscaling", "Auto Scaling groups per region", 500),
}
"""By code. AWS raises that of vCPUs with use: the account of the emulator is one that has grown."""


def value(code: str) -> int:
    """What the account has."""
    quota = QUOTAS[code]
    return models.current.quotas.get(code, quota.account or quota.default)


def hold(code: str, count: int, service: str, refusal: str, what: str) -> None:
    """Refuse where so many are there already."""
    if count >= value(code):
        raise Refusal(service, refusal, f"The maximum number of {what} has been reached.")


# ---- Service Quotas


def _found(parameters: actions.Parameters) -> tuple[str, Quota]:
    """The quota that is asked for; the words are those of aws-cli issues #4569 and #6629."""
    service, code = parameters["ServiceCode"], parameters["QuotaCode"]
    if service not in {one.service for one in QUOTAS.values()}:
        raise Refusal(
            SERVICE, "NoSuchResourceException", "The request failed because the specified service does not exist."
        )
    if code not in QUOTAS or QUOTAS[code].service != service:
        raise Refusal(
            SERVICE, "NoSuchResourceException", "The request failed because the specified quota does not exist."
        )
    return code, QUOTAS[code]


def _applied(parameters: actions.Parameters) -> Any:
    """API_GetServiceQuota.html: "If the applied quota value is not available for a quota, the quota is not retrieved"."""
    code, quota = _found(parameters)
    if models.current.appliedQuotas == models.MISSING:
        raise Refusal(
            SERVICE, "NoSuchResourceException", "The request failed because the specified quota does not exist."
        )
    return _shown(code, quota, value(code), get_account_id())


def _default(parameters: actions.Parameters) -> Any:
    """API_GetAWSDefaultServiceQuota.html: without what the account was given."""
    code, quota = _found(parameters)
    return _shown(code, quota, quota.default, "")


def _shown(code: str, quota: Quota, most: int, account: str) -> dict[str, Any]:
    return {
        "Quota": {
            "ServiceCode": quota.service,
            "QuotaArn": f"arn:aws:servicequotas:{get_region()}:{account}:{quota.service}/{code}",
            "QuotaCode": code,
            "QuotaName": quota.name,
            "Value": float(most),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }
    }


ACTIONS = {"GetServiceQuota": _applied, "GetAWSDefaultServiceQuota": _default}


async def _handle(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any) -> actions.Response:
    name = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    try:
        if name not in ACTIONS:
            raise Refusal(SERVICE, "UnknownOperationException", f"the emulator does not hold {name}")
        said = json.dumps(ACTIONS[name](json.loads(body)))
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, said.encode()
    except Refusal as problem:
        return answers.refused(SERVICE, "json", problem)


# ---- the services' own calls


def _attributes(parameters: actions.Parameters) -> actions.Response:
    """API_DescribeAccountAttributes.html: of EC2, those that are a limit of a VPC. By name the model knows two others alone."""
    known = {"vpc-max-elastic-ips": ADDRESSES, "vpc-max-security-groups-per-interface": GROUPS_EACH}
    items = "".join(
        f"<item><attributeName>{name}</attributeName><attributeValueSet><item><attributeValue>{value(known[name])}"
        "</attributeValue></item></attributeValueSet></item>"
        for name in known
    )
    response: actions.Response = ec2._xml(
        200, "DescribeAccountAttributesResponse", f"<accountAttributeSet>{items}</accountAttributeSet>"
    )
    return response


def _balancing(asked: Any) -> Any:
    """elasticloadbalancing/latest/APIReference/API_Limit.html"""
    limits = {"application-load-balancers": BALANCERS, "target-groups": TARGET_GROUPS}
    return {"Limits": [{"Name": name, "Max": value(code)} for name, code in limits.items()]}


def _scaling(asked: Any) -> Any:
    """autoscaling/ec2/APIReference/API_DescribeAccountLimits.html"""
    return {"MaxNumberOfAutoScalingGroups": value(FLEETS), "NumberOfAutoScalingGroups": len(autoscaling._asgs)}


def install() -> None:
    router.SERVICE_PATTERNS[SERVICE] = {
        "target_prefixes": ["ServiceQuotasV20190624"],
        "host_patterns": [r"servicequotas\."],
        "credential_scope": "servicequotas",
    }
    app.SERVICE_HANDLERS[SERVICE] = _handle
    ec2._ACTION_MAP["DescribeAccountAttributes"] = _attributes
    for table, namespace, action in (
        (alb._ACTION_MAP, "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/", _balancing),
        (autoscaling._ACTION_MAP, "http://autoscaling.amazonaws.com/doc/2011-01-01/", _scaling),
    ):
        table["DescribeAccountLimits"] = query.offered(namespace, "DescribeAccountLimits", action)
