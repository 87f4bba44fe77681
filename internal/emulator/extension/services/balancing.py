"""Elastic Load Balancing: balancers, target groups, listeners and their rules, and the health of targets.

Two simplifications: a target that is deregistered is gone at once (AWS drains it, 300 s unless told), and health checks
are not made: a target is as healthy as its machine was told to be (machines.py).
"""

from typing import Any

from ministack.services import acm, alb, ec2
from ministack.services.cloudformation import provisioners

from .. import actions, machines, query
from ..resources import Made, Place, Properties, Refusal, ResourceType
from . import compute, quotas

SERVICE = "ElasticLoadBalancingV2"
NAMESPACE = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"

SSL_POLICIES = frozenset(
    f"ELBSecurityPolicy-{name}"
    for name in """
    2016-08 FS-1-1-2019-08 FS-1-2-2019-08 FS-1-2-Res-2019-08 FS-1-2-Res-2020-10 FS-2018-06 TLS-1-0-2015-04 TLS-1-1-2017-01
    TLS-1-2-2017-01 TLS-1-2-Ext-2018-06 TLS13-1-0-2021-06 TLS13-1-0-FIPS-2023-04 TLS13-1-0-FIPS-PQ-2025-09
    TLS13-1-0-PQ-2025-09 TLS13-1-1-2021-06 TLS13-1-1-FIPS-2023-04 TLS13-1-2-2021-06 TLS13-1-2-Ext0-FIPS-2023-04
    TLS13-1-2-Ext0-FIPS-PQ-2025-09 TLS13-1-2-Ext1-2021-06 TLS13-1-2-Ext1-FIPS-2023-04 TLS13-1-2-Ext1-FIPS-PQ-2025-09
    TLS13-1-2-Ext1-PQ-2025-09 TLS13-1-2-Ext2-2021-06 TLS13-1-2-Ext2-FIPS-2023-04 TLS13-1-2-Ext2-FIPS-PQ-2025-09
    TLS13-1-2-Ext2-PQ-2025-09 TLS13-1-2-FIPS-2023-04 TLS13-1-2-FIPS-PQ-2025-09 TLS13-1-2-PQ-2025-09 TLS13-1-2-Res-2021-06
    TLS13-1-2-Res-FIPS-2023-04 TLS13-1-2-Res-FIPS-PQ-2025-09 TLS13-1-2-Res-PQ-2025-09 TLS13-1-3-2021-06
    TLS13-1-3-FIPS-2023-04 TLS13-1-3-FIPS-PQ-2025-09 TLS13-1-3-PQ-2025-09""".split()
)
"""elasticloadbalancing/latest/application/describe-ssl-policies.html, as aws-cdk-lib 2.270.0 lists them (SslPolicy)."""

BALANCER_DEFAULTS = {
    "deletion_protection.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "access_logs.s3.enabled": "false",
    "routing.http2.enabled": "true",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.desync_mitigation_mode": "defensive",
    "client_keep_alive.seconds": "3600",
}
"""elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html"""

GROUP_DEFAULTS = {
    "deregistration_delay.timeout_seconds": "300",
    "stickiness.enabled": "false",
    "stickiness.type": "lb_cookie",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "slow_start.duration_seconds": "0",
    "load_balancing.algorithm.type": "round_robin",
}
"""elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html"""


class LoadBalancer(ResourceType):
    """TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html"""

    name = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    holds = frozenset(
        (
            "IpAddressType",
            "LoadBalancerAttributes.Key",
            "LoadBalancerAttributes.Value",
            "Name",
            "Scheme",
            "SecurityGroups",
            "Subnets",
            "Tags.*",
            "Type",
        )
    )
    replaces = frozenset(("Name", "Scheme", "Type"))
    physical_name, name_is_id = "Name", False

    def taken(self, properties: Properties) -> bool:
        return properties.get("Name") in [one["LoadBalancerName"] for one in alb._lbs.values()]

    def create(self, place: Place, properties: Properties) -> Made:
        _check_subnets(properties)
        check_balancers()
        return self._completed(
            provisioners._elbv2_load_balancer_create(place.logical_id, properties, place.stack_name), properties
        )

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        _check_subnets(new)
        _find(alb._lbs, physical_id, "LoadBalancer")
        made = provisioners._elbv2_load_balancer_update(
            physical_id, old, _named(new, physical_id, "Name"), place.stack_name, place.logical_id
        )
        return self._completed(made, new)

    @staticmethod
    def _completed(made: Made, properties: Properties) -> Made:
        """What the record of a balancer lacks: its VPC, and attributes that nobody set."""
        arn, attributes = made
        balancer = alb._lbs[arn]
        balancer["VpcId"] = ec2._subnets[balancer["Subnets"][0]]["VpcId"]
        alb._lb_attrs[arn] = _attributes(BALANCER_DEFAULTS, properties.get("LoadBalancerAttributes"))
        return arn, attributes

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        if physical_id in alb._lbs:
            check_deletion(physical_id)
            provisioners._elbv2_load_balancer_delete(physical_id, properties)


class TargetGroup(ResourceType):
    """TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html"""

    name = "AWS::ElasticLoadBalancingV2::TargetGroup"
    holds = frozenset(
        (
            "HealthCheckEnabled",
            "HealthCheckIntervalSeconds",
            "HealthCheckPath",
            "HealthCheckPort",
            "HealthCheckProtocol",
            "HealthCheckTimeoutSeconds",
            "HealthyThresholdCount",
            "Matcher.HttpCode",
            "Name",
            "Port",
            "Protocol",
            "Tags.*",
            "TargetGroupAttributes.Key",
            "TargetGroupAttributes.Value",
            "TargetType",
            "Targets.Id",
            "Targets.Port",
            "UnhealthyThresholdCount",
            "VpcId",
        )
    )
    replaces = frozenset(("Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId", "IpAddressType"))
    physical_name, name_is_id = "Name", False

    def taken(self, properties: Properties) -> bool:
        return properties.get("Name") in [one["TargetGroupName"] for one in alb._tgs.values()]

    def create(self, place: Place, properties: Properties) -> Made:
        for target in _targets(properties):
            _check_target(target)
        check_groups()
        arn, attributes = provisioners._elbv2_target_group_create(place.logical_id, properties, place.stack_name)
        alb._tg_attrs[arn] = _attributes(GROUP_DEFAULTS, properties.get("TargetGroupAttributes"))
        register(arn, _targets(properties))
        return arn, self._attributes(arn, attributes)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        require_group(physical_id)
        for target in _targets(new):
            _check_target(target)
        arn, attributes = provisioners._elbv2_target_group_update(
            physical_id, old, _named(new, physical_id, "Name"), place.stack_name, place.logical_id
        )
        alb._tg_attrs[arn] = _attributes(GROUP_DEFAULTS, new.get("TargetGroupAttributes"))
        deregister(arn, [target["Id"] for target in _targets(old) if target not in _targets(new)])
        register(arn, _targets(new))
        return arn, self._attributes(arn, attributes)

    @staticmethod
    def _attributes(arn: str, attributes: dict[str, Any]) -> dict[str, Any]:
        """Fn::GetAtt's names; the full name begins with "targetgroup/"."""
        full = arn.rsplit(":", 1)[-1]
        return {**attributes, "TargetGroupFullName": full, "LoadBalancerArns": balancers(arn)}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        check_unused(physical_id)
        provisioners._elbv2_target_group_delete(physical_id, properties)


class Listener(ResourceType):
    """TemplateReference/aws-resource-elasticloadbalancingv2-listener.html"""

    name = "AWS::ElasticLoadBalancingV2::Listener"
    holds = frozenset(
        (
            "Certificates.CertificateArn",
            "DefaultActions.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds",
            "DefaultActions.ForwardConfig.TargetGroupStickinessConfig.Enabled",
            "DefaultActions.ForwardConfig.TargetGroups.TargetGroupArn",
            "DefaultActions.ForwardConfig.TargetGroups.Weight",
            "DefaultActions.Order",
            "DefaultActions.RedirectConfig.Host",
            "DefaultActions.RedirectConfig.Path",
            "DefaultActions.RedirectConfig.Port",
            "DefaultActions.RedirectConfig.Protocol",
            "DefaultActions.RedirectConfig.Query",
            "DefaultActions.RedirectConfig.StatusCode",
            "DefaultActions.FixedResponseConfig.ContentType",
            "DefaultActions.FixedResponseConfig.MessageBody",
            "DefaultActions.FixedResponseConfig.StatusCode",
            "DefaultActions.TargetGroupArn",
            "DefaultActions.Type",
            "LoadBalancerArn",
            "Port",
            "Protocol",
            "SslPolicy",
            "Tags.*",
        )
    )
    replaces = frozenset(("LoadBalancerArn",))

    def create(self, place: Place, properties: Properties) -> Made:
        _check_listener(properties, "")
        arn, attributes = provisioners._elbv2_listener_create(place.logical_id, properties, place.stack_name)
        return self._weighted(arn, properties, attributes)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        _find(alb._listeners, physical_id, "Listener")
        _check_listener(new, physical_id)
        arn, attributes = provisioners._elbv2_listener_update(physical_id, old, new, place.stack_name, place.logical_id)
        return self._weighted(arn, new, attributes)

    @staticmethod
    def _weighted(arn: str, properties: Properties, attributes: dict[str, Any]) -> Made:
        """Keep the whole of each forward, where ministack keeps its first target group."""
        for kept, action in zip(alb._listeners[arn]["DefaultActions"], properties["DefaultActions"], strict=True):
            _keep_forward(kept, action.get("ForwardConfig"))
        return arn, attributes

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        provisioners._elbv2_listener_delete(physical_id, properties)


TYPES = (LoadBalancer(), TargetGroup(), Listener())


# ---- refusals


def _refuse(code: str, message: str) -> Refusal:
    return Refusal(SERVICE, code, message)


def _find(store: Any, arn: str, what: str) -> dict[str, Any]:
    if arn not in store:
        raise _refuse(f"{what}NotFound", f"One or more {what} not found: '{arn}'")
    found: dict[str, Any] = store[arn]
    return found


def require_group(arn: str) -> dict[str, Any]:
    """The target group of that ARN, or a refusal."""
    return _find(alb._tgs, arn, "TargetGroup")


def check_balancers() -> None:
    """API_CreateLoadBalancer.html, "Errors"."""
    quotas.hold(quotas.BALANCERS, len(alb._lbs), SERVICE, "TooManyLoadBalancers", "load balancers")


def check_groups() -> None:
    """API_CreateTargetGroup.html, "Errors"."""
    quotas.hold(quotas.TARGET_GROUPS, len(alb._tgs), SERVICE, "TooManyTargetGroups", "target groups")


def _check_subnets(properties: Properties) -> None:
    """API_CreateLoadBalancer.html, "Errors"."""
    subnets = properties.get("Subnets") or []
    for subnet in subnets:
        if subnet not in ec2._subnets:
            raise _refuse("SubnetNotFound", f"The subnet ID '{subnet}' does not exist")
    if len({ec2._subnets[subnet]["AvailabilityZone"] for subnet in subnets}) < 2:
        raise _refuse("ValidationError", "At least two subnets in two different Availability Zones must be specified")
    for group in properties.get("SecurityGroups") or []:
        if group not in ec2._security_groups:
            raise _refuse("InvalidSecurityGroup", f"The security group ID '{group}' does not exist")


def _check_target(target: dict[str, Any]) -> None:
    """API_RegisterTargets.html: InvalidTarget. Instances only: our groups have no others."""
    instance = ec2._instances.get(target["Id"])
    if instance is None or instance["State"]["Name"] != "running":
        raise _refuse(
            "InvalidTarget",
            f"The following targets are not in a running state and cannot be registered: '{target['Id']}'",
        )


def _check_listener(properties: Properties, own_arn: str) -> None:
    """API_CreateListener.html, "Errors"."""
    _find(alb._lbs, properties["LoadBalancerArn"], "LoadBalancer")
    _check_port(properties, own_arn)
    _check_tls(properties)
    for action in properties["DefaultActions"]:
        _check_forward(action)


def _check_port(properties: Properties, own_arn: str) -> None:
    for arn, other in alb._listeners.items():
        if (
            arn != own_arn
            and other["LoadBalancerArn"] == properties["LoadBalancerArn"]
            and other["Port"] == int(properties["Port"])
        ):
            raise _refuse(
                "DuplicateListener",
                f"A listener already exists on this port for this load balancer '{other['LoadBalancerArn']}'",
            )


def _check_tls(properties: Properties) -> None:
    if properties["Protocol"] != "HTTPS":
        return
    policy = properties.get("SslPolicy")
    if policy and policy not in SSL_POLICIES:
        raise _refuse("SSLPolicyNotFound", f"SSL policy '{policy}' not found")
    certificates = [one["CertificateArn"] for one in properties.get("Certificates") or []]
    if not certificates:
        raise _refuse("ValidationError", "A certificate must be specified for HTTPS listeners")
    for arn in certificates:
        certificate = acm._certificates.get(arn)
        if certificate is None:
            raise _refuse("CertificateNotFound", f"Certificate '{arn}' not found")
        if certificate["Status"] != "ISSUED":
            raise _refuse(
                "UnsupportedCertificate",
                f"The certificate '{arn}' must have a fully-qualified domain name, a supported "
                "signature, and a supported key size.",
            )


def _check_forward(action: dict[str, Any]) -> None:
    for forward in _forwards(action):
        require_group(forward["TargetGroupArn"])
    config = action.get("ForwardConfig") or {}
    groups = config.get("TargetGroups") or []
    if (
        len(groups) > 1
        and not actions.flag((config.get("TargetGroupStickinessConfig") or {}).get("Enabled"))
        and any(_sticky(one) for one in groups)
    ):
        raise _refuse(
            "InvalidConfigurationRequest",
            "You must enable target group stickiness when forwarding to multiple target "
            "groups of which at least one has stickiness enabled",
        )


def _sticky(group: dict[str, Any]) -> bool:
    """Whether the group's targets are sticky: then a forward to several groups must be as well.

    elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
    """
    return {"Key": "stickiness.enabled", "Value": "true"} in alb._tg_attrs.get(group["TargetGroupArn"], [])


def _forwards(action: dict[str, Any]) -> list[dict[str, Any]]:
    """The target groups of a forward, however it is written."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    return list(groups) or ([{"TargetGroupArn": action["TargetGroupArn"]}] if action.get("TargetGroupArn") else [])


def check_deletion(arn: str) -> None:
    """API_DeleteLoadBalancer.html: "You can't delete a load balancer if deletion protection is enabled"."""
    if {"Key": "deletion_protection.enabled", "Value": "true"} in alb._lb_attrs.get(arn, []):
        raise _refuse(
            "OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        )


def check_unused(arn: str) -> None:
    """API_DeleteTargetGroup.html: "You can delete a target group if it is not referenced by any actions"."""
    if arn in alb._tgs and balancers(arn):
        raise _refuse("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")


# ---- records


def _named(properties: Properties, arn: str, key: str) -> Properties:
    """The properties with the name that the resource has: one that CloudFormation chose stays."""
    return {**properties, key: arn.split("/")[-2]}


def _attributes(defaults: dict[str, str], wanted: Any) -> list[dict[str, str]]:
    """Attributes as the API lists them: the defaults, and over them what the template sets."""
    mine = {one["Key"]: str(one["Value"]) for one in wanted or []}
    return [{"Key": key, "Value": value} for key, value in {**defaults, **mine}.items()]


def _keep_forward(kept: dict[str, Any], config: Any) -> None:
    if not config:
        return
    groups = [
        {"TargetGroupArn": one["TargetGroupArn"], "Weight": int(one.get("Weight", 1))} for one in config["TargetGroups"]
    ]
    stickiness = config.get("TargetGroupStickinessConfig") or {}
    kept["ForwardConfig"] = {
        "TargetGroups": groups,
        "TargetGroupStickinessConfig": {
            "Enabled": actions.flag(stickiness.get("Enabled", False)),
            **({"DurationSeconds": int(stickiness["DurationSeconds"])} if stickiness.get("DurationSeconds") else {}),
        },
    }
    if len(groups) > 1:
        kept.pop("TargetGroupArn", None)


def balancers(group: str) -> list[str]:
    """The balancers that forward to a target group, by any listener or rule."""
    listeners = {arn: listener["LoadBalancerArn"] for arn, listener in alb._listeners.items()}
    using = {listeners[arn] for arn, listener in alb._listeners.items() if _uses(listener["DefaultActions"], group)}
    using |= {
        listeners[rule["ListenerArn"]]
        for rule in alb._rules.values()
        if rule["ListenerArn"] in listeners and not rule.get("IsDefault") and _uses(rule["Actions"], group)
    }
    return sorted(using)


def _uses(several: list[dict[str, Any]], group: str) -> bool:
    return any(forward["TargetGroupArn"] == group for action in several for forward in _forwards(action))


# ---- targets


def _targets(properties: Properties) -> list[dict[str, Any]]:
    port = int(properties.get("Port", 80))
    return [{"Id": one["Id"], "Port": int(one.get("Port", port))} for one in properties.get("Targets") or []]


def register(group: str, targets: list[dict[str, Any]]) -> None:
    """Put targets into a group. Registering one again changes nothing."""
    for target in targets:
        _check_target(target)
    kept = alb._targets.get(group, [])
    port = require_group(group)["Port"]
    wanted = [{"Id": target["Id"], "Port": int(target.get("Port") or port)} for target in targets]
    alb._targets[group] = kept + [target for target in wanted if target not in kept]


def deregister(group: str, instances: list[str]) -> None:
    """Take targets out of a group; they are gone at once."""
    if group in alb._tgs:
        alb._targets[group] = [target for target in alb._targets.get(group, []) if target["Id"] not in instances]


def _forget(instance: str) -> None:
    """A terminated instance leaves its target groups ("Register targets", target-group-register-targets.html)."""
    joined = [group for group, targets in alb._targets.items() if instance in [target["Id"] for target in targets]]
    machines.end(instance, aside=not any(balancers(group) for group in joined))
    for group in joined:
        deregister(group, [instance])


def health(group: str, target: dict[str, Any]) -> dict[str, str]:
    """elasticloadbalancing/latest/APIReference/API_TargetHealth.html"""
    if not balancers(group):
        return {
            "State": "unused",
            "Reason": "Target.NotInUse",
            "Description": "Target group is not configured to receive traffic from the load balancer",
        }
    state = _machine_state(target["Id"])
    if state != "running":
        return {"State": "unused", "Reason": "Target.InvalidState", "Description": f"Target is in the {state} state"}
    return HEALTH[machines.health(target["Id"])]


def _machine_state(instance: str) -> str:
    return str(ec2._instances[instance]["State"]["Name"]) if instance in ec2._instances else "terminated"


HEALTH = {
    machines.HEALTHY: {"State": "healthy"},
    machines.STARTING: {
        "State": "initial",
        "Reason": "Elb.InitialHealthChecking",
        "Description": "Initial health checks in progress",
    },
    machines.UNHEALTHY: {
        "State": "unhealthy",
        "Reason": "Target.FailedHealthChecks",
        "Description": "Health checks failed",
    },
}


# ---- the API


def _describe_health(asked: dict[str, Any]) -> Any:
    group = asked.get("TargetGroupArn", "")
    require_group(group)
    deregister(group, [one["Id"] for one in alb._targets.get(group, []) if _machine_state(one["Id"]) == "terminated"])
    wanted = [one["Id"] for one in asked.get("Targets") or []]
    registered = [target for target in alb._targets.get(group, []) if not wanted or target["Id"] in wanted]
    port = alb._tgs[group]["HealthCheckPort"]
    shown = [
        {
            "Target": target,
            "HealthCheckPort": target["Port"] if port == "traffic-port" else port,
            "TargetHealth": health(group, target),
        }
        for target in registered
    ]
    absent = [
        {
            "Target": {"Id": one},
            "TargetHealth": {
                "State": "unused",
                "Reason": "Target.NotRegistered",
                "Description": "Target is not registered to the target group",
            },
        }
        for one in wanted
        if one not in [target["Id"] for target in registered]
    ]
    return {"TargetHealthDescriptions": shown + absent}


def _register(asked: dict[str, Any]) -> None:
    register(asked.get("TargetGroupArn", ""), asked.get("Targets") or [])


def _describe_policies(asked: dict[str, Any]) -> Any:
    names = asked.get("Names") or sorted(SSL_POLICIES)
    for name in names:
        if name not in SSL_POLICIES:
            raise _refuse("SSLPolicyNotFound", f"SSL policy '{name}' not found")
    return {"SslPolicies": [{"Name": name} for name in names]}


def _group_shown(group: dict[str, Any]) -> str:
    """A target group with the balancers that use it now."""
    group["LoadBalancerArns"] = balancers(group["TargetGroupArn"])
    return str(_native_group(group))


def _balancer_shown(balancer: dict[str, Any]) -> str:
    zones = [
        {"ZoneName": ec2._subnets[one]["AvailabilityZone"] if one in ec2._subnets else "", "SubnetId": one}
        for one in balancer["Subnets"]
    ]
    shown = {
        **{
            key: balancer[key]
            for key in (
                "LoadBalancerArn",
                "LoadBalancerName",
                "DNSName",
                "CreatedTime",
                "Scheme",
                "VpcId",
                "Type",
                "SecurityGroups",
                "IpAddressType",
            )
        },
        "CanonicalHostedZoneId": "Z35SXDOTRQ7X7K",
        "State": {"Code": balancer["State"]},
        "AvailabilityZones": zones,
    }
    return query.xml([shown])


def _action_shown(action: dict[str, Any]) -> str:
    shown = str(_native_action(action))
    forward = action.get("ForwardConfig")
    return shown.removesuffix("</member>") + query.xml({"ForwardConfig": forward}) + "</member>" if forward else shown


def _check_new_listener(asked: dict[str, Any]) -> None:
    _check_listener({"Protocol": "HTTP", "Port": 80, "DefaultActions": [], **asked}, "")


_native_group, _native_action, _native_parse = alb._tg_xml, alb._action_xml, alb._parse_actions


def _parse_actions(params: dict[str, Any], prefix: str = "DefaultActions") -> list[dict[str, Any]]:
    """A request's actions, with the whole of each forward."""
    parsed: list[dict[str, Any]] = _native_parse(params, prefix)
    for action, asked in zip(parsed, query.tree(params).get(prefix) or [], strict=False):
        _keep_forward(action, asked.get("ForwardConfig"))
        if asked.get("ForwardConfig") and len(asked["ForwardConfig"]["TargetGroups"]) == 1:
            action["TargetGroupArn"] = asked["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]
    return parsed


def install() -> None:
    """Answer truthfully where ministack's ELBv2 does not, and refuse what AWS refuses."""
    table = alb._ACTION_MAP
    compute.ended.append(_forget)
    alb._tg_xml, alb._lb_xml, alb._action_xml, alb._parse_actions = (
        _group_shown,
        _balancer_shown,
        _action_shown,
        _parse_actions,
    )
    for name, action in (
        ("DescribeTargetHealth", _describe_health),
        ("RegisterTargets", _register),
        ("DescribeSSLPolicies", _describe_policies),
    ):
        table[name] = query.offered(NAMESPACE, name, action)
    checks: dict[str, query.Action] = {
        "CreateLoadBalancer": lambda asked: check_balancers(),
        "CreateTargetGroup": lambda asked: check_groups(),
        "DeleteLoadBalancer": lambda asked: check_deletion(asked.get("LoadBalancerArn", "")),
        "DeleteTargetGroup": lambda asked: check_unused(asked.get("TargetGroupArn", "")),
        "CreateListener": _check_new_listener,
    }
    for name, check in checks.items():
        table[name] = query.guarded(NAMESPACE, check, table[name])
