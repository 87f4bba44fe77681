"""Alarms, what they do and what their history says; topics, whose policies may keep alarms out; dashboards."""

from typing import Any
from unittest import mock

from extension.services import monitoring
from ministack.services import autoscaling, cloudwatch, sns

from . import fleets
from .support import EmulatorTest, RequestError, Stack, ask
from .test_scaling import alarm, fire, simple

CPU = {
    "Namespace": "AWS/EC2",
    "MetricName": "CPUUtilization",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 2,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 70,
}


def an_alarm(**properties: Any) -> dict[str, Any]:
    return fleets.resource(
        "CloudWatch::Alarm", {"AlarmName": "cpu", **CPU, **properties}
    )


def calculated(**properties: Any) -> dict[str, Any]:
    """An alarm without a metric of its own."""
    kept = {
        key: value
        for key, value in CPU.items()
        if key not in ("Namespace", "MetricName", "Statistic", "Period", "Threshold")
    }
    return fleets.resource(
        "CloudWatch::Alarm", {"AlarmName": "cpu", **kept, **properties}
    )


def metric(name: str = "m", returned: bool = False) -> dict[str, Any]:
    stat = {
        "Metric": {
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "HTTPCode_Target_5XX_Count",
        },
        "Period": 60,
        "Stat": "Sum",
    }
    return {"Id": name, "MetricStat": stat, "ReturnData": returned}


def policy(
    principal: str = "cloudwatch.amazonaws.com", account: str = "000000000000"
) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": "sns:Publish",
        "Resource": fleets.ref("Topic"),
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    return fleets.resource(
        "SNS::TopicPolicy",
        {
            "Topics": [fleets.ref("Topic")],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    )


TOPIC = fleets.resource("SNS::Topic", {"TopicName": "alerts"})


class MonitoringTest(EmulatorTest):
    def alarm(self, name: str = "cpu") -> dict[str, Any]:
        found: dict[str, Any] = ask(cloudwatch, "DescribeAlarms", AlarmNames=[name])[
            "MetricAlarms"
        ][0]
        return found

    def fails(self, resources: dict[str, Any], reason: str) -> None:
        stack = self.stack(resources)
        self.assertEqual(stack.status(), "ROLLBACK_COMPLETE")
        self.assertTrue(any(reason in one for one in stack.reasons()), stack.reasons())

    def history(self, name: str = "cpu", kind: str = "Action") -> list[str]:
        found = ask(
            cloudwatch, "DescribeAlarmHistory", AlarmName=name, HistoryItemType=kind
        )["AlarmHistoryItems"]
        return [one["HistorySummary"] for one in found or []]


class Alarms(MonitoringTest):
    """aws-resource-cloudwatch-alarm.html, API_PutMetricAlarm.html"""

    def test_shows_what_it_is(self) -> None:
        dimensions = [{"Name": "AutoScalingGroupName", "Value": "api-asg"}]
        self.stack(
            {
                "Alarm": an_alarm(
                    Dimensions=dimensions,
                    TreatMissingData="breaching",
                    DatapointsToAlarm=1,
                    AlarmDescription="busy",
                )
            }
        )
        shown = self.alarm()
        self.assertEqual(
            (
                shown["Threshold"],
                shown["TreatMissingData"],
                shown["DatapointsToAlarm"],
                shown["Dimensions"],
                shown["StateValue"],
            ),
            ("70", "breaching", "1", dimensions, "INSUFFICIENT_DATA"),
        )

    def test_percentile(self) -> None:
        late = {key: value for key, value in CPU.items() if key != "Statistic"}
        self.stack(
            {
                "Alarm": fleets.resource(
                    "CloudWatch::Alarm",
                    {
                        "AlarmName": "cpu",
                        **late,
                        "ExtendedStatistic": "p95",
                        "EvaluateLowSampleCountPercentile": "ignore",
                    },
                )
            }
        )
        self.assertEqual(
            (self.alarm()["ExtendedStatistic"], self.alarm().get("Statistic")),
            ("p95", None),
        )

    def test_metric_math(self) -> None:
        self.stack(
            {
                "Alarm": calculated(
                    Threshold=5,
                    Metrics=[
                        metric(),
                        {"Id": "share", "Expression": "100*m", "ReturnData": True},
                    ],
                )
            }
        )
        shown = self.alarm()["Metrics"]
        self.assertEqual(
            (shown[0]["MetricStat"]["Period"], shown[1]["Expression"]), ("60", "100*m")
        )
        fire("cpu")
        self.assertEqual(self.alarm()["StateValue"], "ALARM")

    def test_anomaly_band(self) -> None:
        """Create_Anomaly_Detection_Alarm.html"""
        band = {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"}
        self.stack(
            {
                "Alarm": calculated(
                    ComparisonOperator="GreaterThanUpperThreshold",
                    ThresholdMetricId="band",
                    Metrics=[metric(returned=True), band],
                )
            }
        )
        self.assertEqual(
            (self.alarm()["ThresholdMetricId"], self.alarm().get("Threshold")),
            ("band", None),
        )

    def test_refuses_what_does_not_fit_together(self) -> None:
        cases: dict[str, dict[str, Any]] = {
            "exactly one of Metrics and MetricName": an_alarm(
                Metrics=[metric(returned=True)]
            ),
            "exactly one of Statistic and ExtendedStatistic": an_alarm(
                ExtendedStatistic="p95"
            ),
            "an anomaly band takes": an_alarm(
                ComparisonOperator="GreaterThanUpperThreshold"
            ),
            "is the Id of none of the Metrics": calculated(
                ComparisonOperator="GreaterThanUpperThreshold",
                ThresholdMetricId="b",
                Metrics=[metric(returned=True)],
            ),
            "exactly one of the Metrics must return data": calculated(
                Threshold=1, Metrics=[metric("a", True), metric("b", True)]
            ),
            "DatapointsToAlarm must not exceed": an_alarm(DatapointsToAlarm=3),
            "TreatMissingData maybe": an_alarm(TreatMissingData="maybe"),
            "Value 'Bigger' at 'comparisonOperator'": an_alarm(
                ComparisonOperator="Bigger"
            ),
        }
        for reason, resource in cases.items():
            with self.subTest(reason):
                self.setUp()
                self.fails({"Alarm": resource}, reason)

    def test_by_the_api(self) -> None:
        ask(cloudwatch, "PutMetricAlarm", AlarmName="hand", **CPU, Metrics=[])
        self.assertEqual(self.alarm("hand")["EvaluationPeriods"], "2")
        ask(cloudwatch, "DeleteAlarms", AlarmNames=["hand"])
        with self.assertRaises(RequestError):
            ask(cloudwatch, "DeleteAlarms", AlarmNames=["hand"])

    def test_in_every_protocol(self) -> None:
        """An answer without content is an empty structure: SDKs refuse null."""
        self.stack({"Alarm": an_alarm()})
        for cbor, as_json in ((True, False), (False, True), (False, False)):
            with mock.patch.object(
                cloudwatch, "_cbor_ok", lambda value: (200, {}, repr(value).encode())
            ):
                _, _, body = monitoring._answered("SetAlarmState", None, cbor, as_json)
            self.assertNotIn(b"None", body)
            self.assertNotIn(b"null", body)

    def test_evaluation_is_of_its_own_metric(self) -> None:
        self.stack(
            {
                "Alarm": an_alarm(
                    EvaluationPeriods=1,
                    Dimensions=[{"Name": "InstanceId", "Value": "i-1"}],
                )
            }
        )
        for instance, state in (("i-2", "INSUFFICIENT_DATA"), ("i-1", "ALARM")):
            ask(
                cloudwatch,
                "PutMetricData",
                Namespace="AWS/EC2",
                MetricData=[
                    {
                        "MetricName": "CPUUtilization",
                        "Value": 90,
                        "Dimensions": [{"Name": "InstanceId", "Value": instance}],
                    }
                ],
            )
            self.assertEqual(self.alarm()["StateValue"], state)


class Actions(MonitoringTest):
    """UsingAlarmActions.html, AlarmThatSendsEmail.html"""

    def topic(self, **more: dict[str, Any]) -> Stack:
        stack = Stack("Kora")
        actions = {key: [fleets.ref("Topic")] for key in ("AlarmActions", "OKActions")}
        self.assertEqual(
            stack.create({"Topic": TOPIC, "Alarm": an_alarm(**actions), **more}),
            "CREATE_COMPLETE",
            stack.reasons(),
        )
        return stack

    def test_publishes(self) -> None:
        stack = self.topic()
        fire("cpu")
        fire("cpu")
        self.assertEqual(
            self.history(),
            [f"Successfully executed action {stack.physical('Topic')}"] * 4,
        )
        self.assertEqual(
            self.history(kind="StateUpdate")[0], "Alarm updated from OK to ALARM"
        )

    def test_a_policy_that_lets_alarms_in(self) -> None:
        self.topic(Policy=policy())
        fire("cpu")
        self.assertTrue(self.history()[0].startswith("Successfully"))

    def test_a_policy_that_keeps_alarms_out(self) -> None:
        """A policy of one's own replaces the default one: sns-access-policy-use-cases.html."""
        for kept_out in (
            policy("events.amazonaws.com"),
            policy(account="111111111111"),
        ):
            self.setUp()
            stack = self.topic(Policy=kept_out)
            fire("cpu")
            self.assertIn(
                f"Failed to execute action {stack.physical('Topic')}. Received error: ",
                self.history()[0],
            )
            self.assertIn(
                "is not authorized to perform: SNS:Publish", self.history()[0]
            )
            stack.update(
                {"Topic": TOPIC, "Alarm": an_alarm(AlarmActions=[fleets.ref("Topic")])}
            )  # the default policy is back
            fire("cpu")
            self.assertTrue(self.history()[0].startswith("Successfully"))

    def test_only_on_a_change_and_only_when_enabled(self) -> None:
        self.topic()
        fire("cpu")
        before = len(self.history())
        ask(
            cloudwatch,
            "SetAlarmState",
            AlarmName="cpu",
            StateValue="ALARM",
            StateReason="again",
        )
        ask(cloudwatch, "DisableAlarmActions", AlarmNames=["cpu"])
        fire("cpu")
        self.assertEqual(len(self.history()), before)

    def test_a_topic_that_is_gone(self) -> None:
        stack = self.topic()
        topic = stack.physical("Topic")
        ask(sns, "DeleteTopic", TopicArn=topic)
        fire("cpu")
        self.assertEqual(
            self.history()[0],
            f'Failed to execute action {topic}. Received error: "Topic does not exist"',
        )

    def test_recover_and_reboot(self) -> None:
        actions = [
            f"arn:aws:automate:ap-south-1:ec2:{one}" for one in ("recover", "reboot")
        ]
        self.stack({"Alarm": an_alarm(AlarmActions=actions)})
        fire("cpu")
        self.assertEqual(
            sorted(self.history()),
            sorted(f"Successfully executed action {one}" for one in actions),
        )

    def test_a_policy_that_is_gone(self) -> None:
        self.stack(fleets.fleet(more={"Out": simple(), "High": alarm("Out")}))
        ask(
            autoscaling,
            "DeleteAutoScalingGroup",
            AutoScalingGroupName="api-asg",
            ForceDelete=True,
        )
        fire("on-Out")
        self.assertIn("No policy found with ARN", self.history("on-Out")[0])


class Topics(MonitoringTest):
    """aws-resource-sns-subscription.html, API_Subscribe.html"""

    def test_an_address_has_to_confirm(self) -> None:
        subscription = fleets.resource(
            "SNS::Subscription",
            {
                "TopicArn": fleets.ref("Topic"),
                "Protocol": "email",
                "Endpoint": "ops@example.com",
            },
        )
        stack = self.stack({"Topic": TOPIC, "Mail": subscription})
        found = ask(sns, "ListSubscriptionsByTopic", TopicArn=stack.physical("Topic"))[
            "Subscriptions"
        ]
        self.assertEqual(
            [(one["Endpoint"], one["SubscriptionArn"]) for one in found],
            [("ops@example.com", "PendingConfirmation")],
        )
        self.assertEqual(stack.update({"Topic": TOPIC}), "UPDATE_COMPLETE")
        self.assertEqual(ask(sns, "ListSubscriptions")["Subscriptions"], "")

    def test_a_topic_that_is_not_there(self) -> None:
        lost = fleets.resource(
            "SNS::Subscription",
            {
                "TopicArn": "arn:aws:sns:ap-south-1:000000000000:lost",
                "Protocol": "email",
                "Endpoint": "a@b.c",
            },
        )
        self.fails({"Mail": lost}, "Topic does not exist")

    def test_subscribed_by_hand(self) -> None:
        stack = self.stack({"Topic": TOPIC})
        answer = ask(
            sns,
            "Subscribe",
            TopicArn=stack.physical("Topic"),
            Protocol="email",
            Endpoint="ops@example.com",
        )
        self.assertEqual(answer["SubscriptionArn"], "pending confirmation")


class Dashboards(MonitoringTest):
    def test_body(self) -> None:
        """API_PutDashboard.html"""
        self.stack(
            {
                "Board": fleets.resource(
                    "CloudWatch::Dashboard",
                    {"DashboardName": "api", "DashboardBody": '{"widgets": []}'},
                )
            }
        )
        self.assertEqual(
            ask(cloudwatch, "GetDashboard", DashboardName="api")["DashboardBody"],
            '{"widgets": []}',
        )
        self.setUp()
        self.fails(
            {"Board": fleets.resource("CloudWatch::Dashboard", {"DashboardBody": "{"})},
            "InvalidParameterInput",
        )


class Detectors(MonitoringTest):
    """aws-resource-cloudwatch-anomalydetector.html"""

    def test_is_listed(self) -> None:
        detector = {
            "Namespace": "AWS/EC2",
            "MetricName": "CPUUtilization",
            "Stat": "Average",
        }
        stack = self.stack(
            {"Detector": fleets.resource("CloudWatch::AnomalyDetector", detector)}
        )
        found = ask(cloudwatch, "DescribeAnomalyDetectors")["AnomalyDetectors"]
        self.assertEqual([one["MetricName"] for one in found], ["CPUUtilization"])
        stack.delete()
        self.assertEqual(
            ask(cloudwatch, "DescribeAnomalyDetectors")["AnomalyDetectors"], ""
        )
