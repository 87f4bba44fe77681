"""Scaling policies: by alarm, by hand, within limits, not too often."""

from typing import Any

from extension import clock, machines
from ministack.services import autoscaling, cloudwatch

from . import fleets
from .support import EmulatorTest, RequestError, Stack, ask


def policy(**properties: Any) -> dict[str, Any]:
    return fleets.resource(
        "AutoScaling::ScalingPolicy",
        {"AutoScalingGroupName": fleets.ref("Fleet"), **properties},
    )


def simple(adjustment: int = 1, **properties: Any) -> dict[str, Any]:
    return policy(
        PolicyType="SimpleScaling",
        AdjustmentType="ChangeInCapacity",
        ScalingAdjustment=adjustment,
        **properties,
    )


def step(*steps: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return policy(
        PolicyType="StepScaling",
        AdjustmentType="ChangeInCapacity",
        StepAdjustments=list(steps),
        **properties,
    )


def tracking(
    kind: str = "ASGAverageCPUUtilization", label: Any = None, **config: Any
) -> dict[str, Any]:
    metric = {
        "PredefinedMetricType": kind,
        **({"ResourceLabel": label} if label else {}),
    }
    return policy(
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "TargetValue": 50,
            "PredefinedMetricSpecification": metric,
            **config,
        },
    )


def alarm(
    action: str, comparison: str = "GreaterThanThreshold", threshold: int = 70
) -> dict[str, Any]:
    return fleets.resource(
        "CloudWatch::Alarm",
        {
            "AlarmName": f"on-{action}",
            "Namespace": "AWS/EC2",
            "MetricName": "CPUUtilization",
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Dimensions": [
                {"Name": "AutoScalingGroupName", "Value": fleets.ref("Fleet")}
            ],
            "ComparisonOperator": comparison,
            "Threshold": threshold,
            "AlarmActions": [fleets.ref(action)],
        },
    )


def fire(name: str) -> None:
    """Let the alarm go off once more."""
    for state in ("OK", "ALARM"):
        ask(
            cloudwatch,
            "SetAlarmState",
            AlarmName=name,
            StateValue=state,
            StateReason="a test",
        )


def measure(value: float) -> None:
    ask(
        cloudwatch,
        "PutMetricData",
        Namespace="AWS/EC2",
        MetricData=[
            {
                "MetricName": "CPUUtilization",
                "Value": value,
                "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "api-asg"}],
            }
        ],
    )


class ScalingTest(EmulatorTest):
    def scaled(self, **more: dict[str, Any]) -> Stack:
        stack = Stack("Kora")
        self.assertEqual(
            stack.create(fleets.fleet(more=more)), "CREATE_COMPLETE", stack.reasons()
        )
        return stack

    def execute(self, stack: Stack, **params: Any) -> None:
        ask(
            autoscaling,
            "ExecutePolicy",
            AutoScalingGroupName="api-asg",
            PolicyName=stack.physical("Out"),
            **params,
        )

    def refused(self, code: str, work: Any) -> None:
        with self.assertRaises(RequestError) as refusal:
            work()
        self.assertEqual(refusal.exception.code, code)

    def capacity(self) -> int:
        return fleets.sizes()[2]


class Simple(ScalingTest):
    """simple-scaling-policies.html, ec2-auto-scaling-scaling-cooldowns.html"""

    def test_once_per_cooldown_and_within_limits(self) -> None:
        self.scaled(
            Out=simple(Cooldown="120"),
            In=simple(-1, Cooldown="60"),
            High=alarm("Out"),
            Low=alarm("In"),
        )
        fire("on-Out")
        fire("on-Out")
        self.assertEqual(self.capacity(), 3)
        clock.skip(119)
        fire("on-Out")
        self.assertEqual(self.capacity(), 3)
        for _ in range(5):
            clock.skip(120)
            fire("on-Out")
        self.assertEqual(self.capacity(), 5)
        for _ in range(5):
            clock.skip(120)
            fire("on-In")
        self.assertEqual(self.capacity(), 2)

    def test_says_why(self) -> None:
        stack = self.scaled(Out=simple(), High=alarm("Out"))
        fire("on-Out")
        name = stack.physical("Out").rsplit("/", 1)[-1]
        self.assertIn(
            f"a monitor alarm on-Out in state ALARM triggered policy {name} changing the desired capacity from 2 to 3.",
            fleets.activities()[0]["Cause"],
        )

    def test_the_groups_cooldown_unless_it_has_its_own(self) -> None:
        self.scaled(Out=simple(), High=alarm("Out"))
        fire("on-Out")
        clock.skip(299)
        fire("on-Out")
        self.assertEqual(self.capacity(), 3)
        clock.skip(1)
        fire("on-Out")
        self.assertEqual(self.capacity(), 4)

    def test_not_before_the_activity_has_ended(self) -> None:
        stack = self.scaled(Out=simple(Cooldown="0"), High=alarm("Out"))
        machines.behave(machines.Behaviour("success", 60, "Fleet"))
        fire("on-Out")
        clock.skip(59)
        fire("on-Out")
        self.refused("ScalingActivityInProgress", lambda: self.execute(stack))
        self.assertEqual(self.capacity(), 3)
        clock.skip(1)
        fire("on-Out")
        self.assertEqual(self.capacity(), 4)

    def test_by_hand(self) -> None:
        """API_ExecutePolicy.html: HonorCooldown is false unless told."""
        stack = self.scaled(Out=simple(Cooldown="120"))
        self.execute(stack)
        self.execute(stack)
        self.assertEqual(self.capacity(), 4)
        self.refused(
            "ScalingActivityInProgress", lambda: self.execute(stack, HonorCooldown=True)
        )

    def test_not_while_alarms_are_suspended(self) -> None:
        self.scaled(Out=simple(), High=alarm("Out"))
        ask(
            autoscaling,
            "SuspendProcesses",
            AutoScalingGroupName="api-asg",
            ScalingProcesses=["AlarmNotification"],
        )
        fire("on-Out")
        self.assertEqual(self.capacity(), 2)

    def test_percent_and_exact(self) -> None:
        """as-scaling-simple-step.html, "Scaling adjustment types": 60 % of 2 is 1.2, taken as 1."""
        percent = policy(
            AdjustmentType="PercentChangeInCapacity", ScalingAdjustment=60, Cooldown="0"
        )
        exact = policy(
            AdjustmentType="ExactCapacity", ScalingAdjustment=5, Cooldown="0"
        )
        stack = self.scaled(Out=percent, Five=exact)
        self.execute(stack)
        self.assertEqual(self.capacity(), 3)
        ask(autoscaling, "ExecutePolicy", PolicyName=stack.physical("Five"))
        self.assertEqual(self.capacity(), 5)

    def test_a_data_point_is_enough(self) -> None:
        self.scaled(Out=simple(), High=alarm("Out"))
        measure(71)
        self.assertEqual(self.capacity(), 3)


class Steps(ScalingTest):
    """as-scaling-simple-step.html"""

    OUT = (
        {
            "MetricIntervalLowerBound": 0,
            "MetricIntervalUpperBound": 20,
            "ScalingAdjustment": 1,
        },
        {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2},
    )
    IN = ({"MetricIntervalUpperBound": 0, "ScalingAdjustment": -1},)

    def test_the_further_the_more(self) -> None:
        for value, capacity in ((71, 3), (89, 3), (90, 4), (100, 4)):
            with self.subTest(value):
                self.setUp()
                self.scaled(Out=step(*self.OUT), High=alarm("Out"))
                measure(value)
                self.assertEqual(self.capacity(), capacity)

    def test_what_warms_up_counts_already(self) -> None:
        self.scaled(
            Out=step(*self.OUT, EstimatedInstanceWarmup=240),
            In=step(*self.IN, EstimatedInstanceWarmup=240),
            High=alarm("Out"),
            Low=alarm("In", "LessThanThreshold", 30),
        )
        fire("on-Out")
        fire("on-Out")
        fire("on-In")
        self.assertEqual(self.capacity(), 3)
        clock.skip(240)
        fire("on-Out")
        self.assertEqual(self.capacity(), 4)
        clock.skip(240)
        fire("on-In")
        self.assertEqual(self.capacity(), 3)

    def test_by_hand_needs_a_breach(self) -> None:
        stack = self.scaled(Out=step(*self.OUT))
        self.refused("ValidationError", lambda: self.execute(stack))
        self.execute(stack, MetricValue=95, BreachThreshold=70)
        self.assertEqual(self.capacity(), 4)

    def test_takes_no_cooldown(self) -> None:
        """API_PutScalingPolicy.html: Cooldown is "Valid only if the policy type is SimpleScaling"."""
        stack = self.stack(fleets.fleet(more={"Out": step(*self.OUT, Cooldown="60")}))
        self.assertEqual(stack.status(), "ROLLBACK_COMPLETE")
        self.assertTrue(
            any(
                "Cooldown cannot be specified for policy type StepScaling" in one
                for one in stack.reasons()
            )
        )


class Tracking(ScalingTest):
    """as-scaling-target-tracking.html"""

    def alarms(self) -> dict[str, dict[str, Any]]:
        found = (
            ask(
                cloudwatch, "DescribeAlarms", AlarmNamePrefix="TargetTracking-api-asg-"
            )["MetricAlarms"]
            or []
        )
        return {one["AlarmName"].split("-")[3]: one for one in found}

    def test_makes_its_own_alarms(self) -> None:
        stack = self.scaled(Track=tracking())
        alarms = self.alarms()
        self.assertEqual(
            {
                name: (one["Threshold"], one["EvaluationPeriods"])
                for name, one in alarms.items()
            },
            {"AlarmHigh": ("50", "3"), "AlarmLow": ("35", "15")},
        )
        found = ask(
            autoscaling, "DescribePolicies", PolicyTypes=["TargetTrackingScaling"]
        )["ScalingPolicies"][0]
        self.assertEqual(
            {one["AlarmName"] for one in found["Alarms"]},
            {one["AlarmName"] for one in alarms.values()},
        )
        self.assertEqual(
            stack.update(fleets.fleet(more={"Track": tracking(DisableScaleIn=True)})),
            "UPDATE_COMPLETE",
        )
        self.assertEqual(list(self.alarms()), ["AlarmHigh"])
        self.assertEqual(stack.update(fleets.fleet()), "UPDATE_COMPLETE")
        self.assertEqual(self.alarms(), {})

    def test_scales_by_one(self) -> None:
        self.scaled(Track=tracking())
        fire(self.alarms()["AlarmHigh"]["AlarmName"])
        fire(self.alarms()["AlarmHigh"]["AlarmName"])
        fire(self.alarms()["AlarmLow"]["AlarmName"])
        self.assertEqual(self.capacity(), 3)  # the new one warms up
        clock.skip(300)
        fire(self.alarms()["AlarmLow"]["AlarmName"])
        self.assertEqual(self.capacity(), 2)

    def test_its_alarms_are_not_for_hands(self) -> None:
        self.scaled(Track=tracking())
        name = self.alarms()["AlarmHigh"]["AlarmName"]
        self.refused(
            "ValidationError",
            lambda: ask(
                cloudwatch,
                "PutMetricAlarm",
                AlarmName=name,
                Namespace="A",
                MetricName="B",
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="LessThanThreshold",
            ),
        )

    def test_requests_per_target(self) -> None:
        label = {
            "Fn::Join": [
                "/",
                [
                    fleets.attribute("Balancer", "LoadBalancerFullName"),
                    fleets.attribute("Targets", "TargetGroupFullName"),
                ],
            ]
        }
        self.scaled(Track=tracking("ALBRequestCountPerTarget", label))
        high = self.alarms()["AlarmHigh"]
        self.assertEqual(
            (high["MetricName"], high["Statistic"]), ("RequestCountPerTarget", "Sum")
        )
        self.assertTrue(high["Dimensions"][0]["Value"].startswith("targetgroup/"))

    def test_a_label_names_what_is_there(self) -> None:
        stack = self.stack(
            fleets.fleet(
                more={
                    "Track": tracking(
                        "ALBRequestCountPerTarget", "app/other/1/targetgroup/other/2"
                    )
                }
            )
        )
        self.assertTrue(
            any(
                "The resource label app/other/1/targetgroup/other/2 does not name"
                in one
                for one in stack.reasons()
            )
        )
