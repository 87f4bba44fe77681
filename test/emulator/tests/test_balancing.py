"""Balancers, target groups, listeners and the health of targets."""

from typing import Any

from extension import machines
from ministack.services import acm, alb, ec2

from . import fleets
from .support import EmulatorTest, RequestError, Stack, ask


def server() -> dict[str, Any]:
    return fleets.resource(
        "EC2::Instance",
        {
            "ImageId": fleets.IMAGE,
            "InstanceType": "t2.micro",
            "SubnetId": fleets.ref("Subnet0"),
        },
    )


def static() -> dict[str, Any]:
    """One server in a target group of its own."""
    return {
        **fleets.served(),
        "Server": server(),
        "Targets": fleets.targets(Targets=[{"Id": fleets.ref("Server")}]),
    }


class BalancingTest(EmulatorTest):
    def fails(self, resources: dict[str, Any], reason: str) -> None:
        stack = self.stack(resources, "Other")
        self.assertEqual(stack.status(), "ROLLBACK_COMPLETE")
        self.assertTrue(any(reason in one for one in stack.reasons()), stack.reasons())

    def refused(self, code: str, action: str, **params: Any) -> None:
        with self.assertRaises(RequestError) as refusal:
            ask(alb, action, **params)
        self.assertEqual(refusal.exception.code, code)

    def attributes(self, stack: Stack, logical_id: str, what: str) -> dict[str, str]:
        found = ask(
            alb,
            f"Describe{what}Attributes",
            **{f"{what}Arn": stack.physical(logical_id)},
        )["Attributes"]
        return {one["Key"]: one["Value"] for one in found}


class Balancer(BalancingTest):
    """aws-resource-elasticloadbalancingv2-loadbalancer.html, API_CreateLoadBalancer.html"""

    def test_shows_what_it_is(self) -> None:
        attributes = [{"Key": "idle_timeout.timeout_seconds", "Value": "30"}]
        stack = self.stack(
            {
                **fleets.network(),
                "Balancer": fleets.balancer(
                    Name="api-alb",
                    Scheme="internet-facing",
                    LoadBalancerAttributes=attributes,
                ),
            }
        )
        found = ask(alb, "DescribeLoadBalancers", Names=["api-alb"])["LoadBalancers"][0]
        self.assertEqual(
            [one["ZoneName"] for one in found["AvailabilityZones"]], list(fleets.ZONES)
        )
        self.assertEqual(
            (found["VpcId"], found["State"]["Code"]), (stack.physical("Vpc"), "active")
        )
        shown = self.attributes(stack, "Balancer", "LoadBalancer")
        self.assertEqual(
            (
                shown["idle_timeout.timeout_seconds"],
                shown["deletion_protection.enabled"],
            ),
            ("30", "false"),
        )
        stack.update(
            {
                **fleets.network(),
                "Balancer": fleets.balancer(Name="api-alb", Scheme="internet-facing"),
            }
        )
        self.assertEqual(
            self.attributes(stack, "Balancer", "LoadBalancer")[
                "idle_timeout.timeout_seconds"
            ],
            "60",
        )

    def test_needs_two_zones(self) -> None:
        self.fails(
            {
                **fleets.network(),
                "Balancer": fleets.balancer(Subnets=[fleets.ref("Subnet0")]),
            },
            "two different Availability Zones",
        )

    def test_deletion_protection(self) -> None:
        protected = fleets.balancer(
            LoadBalancerAttributes=[
                {"Key": "deletion_protection.enabled", "Value": "true"}
            ]
        )
        stack = self.stack({**fleets.network(), "Balancer": protected})
        self.refused(
            "OperationNotPermitted",
            "DeleteLoadBalancer",
            LoadBalancerArn=stack.physical("Balancer"),
        )
        self.assertEqual(stack.delete(), "DELETE_FAILED")
        self.assertEqual(len(alb._lbs), 1)


class Targets(BalancingTest):
    """aws-resource-elasticloadbalancingv2-targetgroup.html, target-group-health-checks.html"""

    def test_shows_what_it_is(self) -> None:
        group = fleets.targets(
            Name="api-tg",
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=15,
            HealthyThresholdCount=2,
            TargetGroupAttributes=[{"Key": "stickiness.enabled", "Value": "true"}],
        )
        stack = self.stack({**fleets.served(), "Targets": group})
        found = ask(alb, "DescribeTargetGroups", Names=["api-tg"])["TargetGroups"][0]
        self.assertEqual(
            [
                found[key]
                for key in (
                    "HealthCheckPath",
                    "HealthCheckIntervalSeconds",
                    "HealthyThresholdCount",
                    "UnhealthyThresholdCount",
                )
            ],
            ["/health", "15", "2", "2"],
        )
        self.assertEqual(found["LoadBalancerArns"], [stack.physical("Balancer")])
        shown = self.attributes(stack, "Targets", "TargetGroup")
        self.assertEqual(
            (
                shown["stickiness.enabled"],
                shown["deregistration_delay.timeout_seconds"],
            ),
            ("true", "300"),
        )

    def test_static_targets(self) -> None:
        stack = self.stack(static())
        self.assertEqual(fleets.health(stack), {stack.physical("Server"): "healthy"})
        stack.update({**static(), "Targets": fleets.targets()})
        self.assertEqual(fleets.health(stack), {})

    def test_refuses_what_is_no_running_instance(self) -> None:
        self.fails(
            {
                **fleets.served(),
                "Targets": fleets.targets(Targets=[{"Id": "i-0123456789abcdef0"}]),
            },
            "Error Code: InvalidTarget",
        )
        stack = self.stack(static())
        self.refused(
            "InvalidTarget",
            "RegisterTargets",
            TargetGroupArn=stack.physical("Targets"),
            Targets=[{"Id": "i-1"}],
        )

    def test_unused_where_no_listener_forwards(self) -> None:
        alone = {key: value for key, value in static().items() if key != "Listener"}
        stack = self.stack(alone)
        self.assertEqual(list(fleets.health(stack).values()), ["unused"])

    def test_as_healthy_as_its_machine(self) -> None:
        machines.behave(machines.Behaviour("failure", resource="Server"))
        self.assertEqual(
            list(fleets.health(self.stack(static())).values()), ["unhealthy"]
        )

    def test_stopped_and_terminated(self) -> None:
        stack = self.stack(static())
        ec2._ACTION_MAP["StopInstances"]({"InstanceId.1": stack.physical("Server")})
        self.assertEqual(list(fleets.health(stack).values()), ["unused"])
        ec2._ACTION_MAP["TerminateInstances"](
            {"InstanceId.1": stack.physical("Server")}
        )
        self.assertEqual(fleets.health(stack), {})
        self.assertFalse(machines.boots()[stack.physical("Server")]["aside"])

    def test_terminated_when_no_balancer_leads_to_it(self) -> None:
        alone = {key: value for key, value in static().items() if key != "Listener"}
        stack = self.stack(alone)
        ec2._ACTION_MAP["TerminateInstances"](
            {"InstanceId.1": stack.physical("Server")}
        )
        self.assertTrue(machines.boots()[stack.physical("Server")]["aside"])

    def test_in_use(self) -> None:
        """API_DeleteTargetGroup.html"""
        stack = self.stack(fleets.served())
        self.refused(
            "ResourceInUse",
            "DeleteTargetGroup",
            TargetGroupArn=stack.physical("Targets"),
        )
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")


class Listeners(BalancingTest):
    """aws-resource-elasticloadbalancingv2-listener.html, API_CreateListener.html"""

    def https(self, **properties: Any) -> dict[str, Any]:
        return fleets.listener("Targets", Port=443, Protocol="HTTPS", **properties)

    def certificate(self, status: str = "ISSUED") -> str:
        arn = "arn:aws:acm:ap-south-1:000000000000:certificate/one"
        acm._certificates[arn] = {
            "CertificateArn": arn,
            "DomainName": "api.example.com",
            "Status": status,
            "DomainValidationOptions": [],
        }
        return arn

    def described(self, stack: Stack) -> dict[str, Any]:
        found: dict[str, Any] = ask(
            alb, "DescribeListeners", ListenerArns=[stack.physical("Listener")]
        )["Listeners"][0]
        return found

    def test_weighted_forward(self) -> None:
        config: dict[str, Any] = {
            "TargetGroups": [
                {"TargetGroupArn": fleets.ref("Targets"), "Weight": 90},
                {"TargetGroupArn": fleets.ref("More"), "Weight": 10},
            ],
            "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60},
        }
        listener = fleets.listener(
            "Targets", DefaultActions=[{"Type": "forward", "ForwardConfig": config}]
        )
        stack = self.stack(
            {**fleets.served(), "More": fleets.targets(), "Listener": listener}
        )
        forward = self.described(stack)["DefaultActions"][0]["ForwardConfig"]
        self.assertEqual(
            [one["Weight"] for one in forward["TargetGroups"]], ["90", "10"]
        )
        self.assertEqual(
            forward["TargetGroupStickinessConfig"],
            {"Enabled": "true", "DurationSeconds": "60"},
        )
        config["TargetGroups"] = config["TargetGroups"][:1]
        stack.update(
            {**fleets.served(), "More": fleets.targets(), "Listener": listener}
        )
        self.assertEqual(
            ask(alb, "DescribeTargetGroups", TargetGroupArns=[stack.physical("More")])[
                "TargetGroups"
            ][0]["LoadBalancerArns"],
            "",
        )

    def test_sticky_targets_need_a_sticky_forward(self) -> None:
        """edit-target-group-attributes.html, "Sticky sessions"."""
        sticky = fleets.targets(
            TargetGroupAttributes=[{"Key": "stickiness.enabled", "Value": "true"}]
        )
        self.fails(
            {
                **fleets.served(),
                "Targets": sticky,
                "More": fleets.targets(),
                "Listener": fleets.listener("Targets", "More"),
            },
            "You must enable target group stickiness",
        )

    def test_redirect(self) -> None:
        redirect = {
            "Type": "redirect",
            "RedirectConfig": {
                "Protocol": "HTTPS",
                "Port": "443",
                "StatusCode": "HTTP_301",
            },
        }
        stack = self.stack(
            {**fleets.served(), "Listener": fleets.listener(DefaultActions=[redirect])}
        )
        self.assertEqual(
            self.described(stack)["DefaultActions"][0]["RedirectConfig"]["StatusCode"],
            "HTTP_301",
        )

    def test_tls(self) -> None:
        certificate = [{"CertificateArn": self.certificate()}]
        policy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
        stack = self.stack(
            {
                **fleets.served(),
                "Listener": self.https(Certificates=certificate, SslPolicy=policy),
            }
        )
        self.assertEqual(self.described(stack)["SslPolicy"], policy)
        self.assertEqual(self.described(stack)["Certificates"], certificate)
        stack.update(
            {**fleets.served(), "Listener": self.https(Certificates=certificate)}
        )
        self.assertEqual(
            self.described(stack)["SslPolicy"], "ELBSecurityPolicy-2016-08"
        )  # describe-ssl-policies.html: the default

    def test_tls_policy_is_known(self) -> None:
        certificate = [{"CertificateArn": self.certificate()}]
        self.fails(
            {
                **fleets.served(),
                "Listener": self.https(
                    Certificates=certificate, SslPolicy="ELBSecurityPolicy-TLS13-1-4"
                ),
            },
            "SSLPolicyNotFound",
        )

    def test_certificate_is_there_and_issued(self) -> None:
        certificate = [
            {"CertificateArn": "arn:aws:acm:ap-south-1:000000000000:certificate/lost"}
        ]
        self.fails(
            {**fleets.served(), "Listener": self.https(Certificates=certificate)},
            "Error Code: CertificateNotFound",
        )
        self.setUp()
        certificate = [{"CertificateArn": self.certificate("PENDING_VALIDATION")}]
        self.fails(
            {**fleets.served(), "Listener": self.https(Certificates=certificate)},
            "Error Code: UnsupportedCertificate",
        )

    def test_one_listener_a_port(self) -> None:
        self.fails(
            {**fleets.served(), "Second": fleets.listener("Targets")},
            "Error Code: DuplicateListener",
        )
