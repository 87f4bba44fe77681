"""CloudWatch: alarms, anomaly detectors, dashboards; and the log groups of CloudWatch Logs."""

from collections.abc import Iterator

from .base import (
    GENERATED,
    Call,
    Handler,
    It,
    Params,
    Wanted,
    changed,
    named,
    present,
    retagged,
)


class Alarm(Handler):
    name, service = "AWS::CloudWatch::Alarm", "cloudwatch"
    MEMBERS = (
        "ActionsEnabled",
        "AlarmActions",
        "AlarmDescription",
        "ComparisonOperator",
        "DatapointsToAlarm",
        "Dimensions",
        "EvaluateLowSampleCountPercentile",
        "EvaluationPeriods",
        "ExtendedStatistic",
        "InsufficientDataActions",
        "MetricName",
        "Metrics",
        "Namespace",
        "OKActions",
        "Period",
        "Statistic",
        "Threshold",
        "ThresholdMetricId",
        "TreatMissingData",
        "Unit",
    )

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("PutMetricAlarm", named(new, "AlarmName"), new.take(*self.MEMBERS), present("Tags", new.tags()))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self.call("PutMetricAlarm", new.take(*self.MEMBERS), AlarmName=it.id)
        added, removed = retagged(old, new)
        if added:
            yield self.call("TagResource", ResourceARN=it.attributes["Arn"], Tags=added)
        if removed:
            yield self.call("UntagResource", ResourceARN=it.attributes["Arn"], TagKeys=removed)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteAlarms", AlarmNames=[it.id])


class AnomalyDetector(Handler):
    """The registry has a schema without handlers of it: it is one of the old types."""

    name, service = "AWS::CloudWatch::AnomalyDetector", "cloudwatch"
    MEMBERS = ("Dimensions", "MetricName", "Namespace", "Stat")

    def _put(self, new: Wanted) -> Call:
        """MetricTimeZone in a template is MetricTimezone in the call."""
        configuration: Params = {
            ("MetricTimezone" if name == "MetricTimeZone" else name): value
            for name, value in (new.get("Configuration") or {}).items()
        }
        return self.call("PutAnomalyDetector", new.take(*self.MEMBERS), present("Configuration", configuration))

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self._put(new)

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self._put(new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteAnomalyDetector", old.take(*self.MEMBERS))


class Dashboard(Handler):
    name, service = "AWS::CloudWatch::Dashboard", "cloudwatch"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("PutDashboard", named(new, "DashboardName"), new.take("DashboardBody"))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self.call("PutDashboard", new.take("DashboardBody"), DashboardName=it.id)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteDashboards", DashboardNames=[it.id])


class LogGroup(Handler):
    name, service = "AWS::Logs::LogGroup", "logs"

    def create(self, new: Wanted) -> Iterator[Call]:
        group = new.get("LogGroupName") or GENERATED
        tags = {one["Key"]: one["Value"] for one in new.tags()}
        yield self.call("CreateLogGroup", present("tags", tags), logGroupName=group)
        yield from self._retention(group, new)

    def _retention(self, group: str, new: Wanted) -> Iterator[Call]:
        if new.get("RetentionInDays") is not None:
            yield self.call("PutRetentionPolicy", new.take(retentionInDays="RetentionInDays"), logGroupName=group)

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        if changed(old, new, "RetentionInDays"):
            if new.get("RetentionInDays") is None:
                yield self.call("DeleteRetentionPolicy", logGroupName=it.id)
            yield from self._retention(it.id, new)
        added, removed = retagged(old, new)
        arn = str(it.attributes.get("Arn", "")).removesuffix(":*")
        if added:
            yield self.call("TagResource", resourceArn=arn, tags={one["Key"]: one["Value"] for one in added})
        if removed:
            yield self.call("UntagResource", resourceArn=arn, tagKeys=removed)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteLogGroup", logGroupName=it.id)


HANDLERS = (Alarm(), AnomalyDetector(), Dashboard(), LogGroup())
