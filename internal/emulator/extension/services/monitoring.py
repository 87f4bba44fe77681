"""CloudWatch: alarms and what they do, anomaly detectors, dashboards.

An alarm on one metric is evaluated when data of that metric arrive; one on metric math or an anomaly band changes its state
by SetAlarmState only. AWS repeats a scaling action every minute while its alarm lasts; here it happens once per change.
"""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, sns
from ministack.services.cloudformation import provisioners

from .. import query
from ..resources import Made, Native, Place, Properties, Refusal, ResourceType
from . import notification

SERVICE = "CloudWatch"
NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"
STATES = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}

TIMES = ("Timestamp", "LastModified")
"""How the names of times end."""

Alarm = dict[str, Any]

INTEGERS = ("Period", "EvaluationPeriods", "DatapointsToAlarm")
FLAGS = ("ActionsEnabled", "ReturnData")
LISTS = ("AlarmActions", "OKActions", "InsufficientDataActions", "Dimensions", "Metrics")
TEXTS = (
    "AlarmDescription",
    "ComparisonOperator",
    "EvaluateLowSampleCountPercentile",
    "ExtendedStatistic",
    "MetricName",
    "Namespace",
    "Statistic",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
)
RESERVED = "TargetTracking-"
"""Alarms of target tracking policies, "DO NOT EDIT OR DELETE": autoscaling/ec2/userguide/as-scaling-target-tracking.html."""

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, limit: value > limit,
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
    "LessThanThreshold": lambda value, limit: value < limit,
    "LessThanOrEqualToThreshold": lambda value, limit: value <= limit,
}
BAND_COMPARISONS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")


class AlarmType(ResourceType):
    """TemplateReference/aws-resource-cloudwatch-alarm.html"""

    name = "AWS::CloudWatch::Alarm"
    holds = frozenset(
        (
            *INTEGERS,
            *TEXTS,
            *LISTS,
            "ActionsEnabled",
            "AlarmName",
            "Dimensions.Name",
            "Dimensions.Value",
            "Tags.*",
            "Threshold",
            "Metrics.*",
        )
    )
    replaces = frozenset(("AlarmName",))
    physical_name = "AlarmName"

    def taken(self, properties: Properties) -> bool:
        """PutMetricAlarm overwrites what CloudFormation refuses: the schema's create handler calls DescribeAlarms first."""
        name = properties.get("AlarmName")
        return name in cloudwatch._alarms or name in cloudwatch._composite_alarms

    def create(self, place: Place, properties: Properties) -> Made:
        name = properties.get("AlarmName") or provisioners._physical_name(
            place.stack_name, place.logical_id, max_len=255
        )
        return self._put(name, properties)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        return self._put(physical_id, new)

    @staticmethod
    def _put(name: str, properties: Properties) -> Made:
        alarm = put(name, properties)
        cloudwatch.cloudformation_set_metric_alarm_tags(name, properties.get("Tags") or [])
        return name, {"Arn": alarm["AlarmArn"]}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        """Whoever else has put an alarm of that name loses it as well."""
        remove(physical_id)


class AnomalyDetector(ResourceType):
    """TemplateReference/aws-resource-cloudwatch-anomalydetector.html"""

    name = "AWS::CloudWatch::AnomalyDetector"
    holds = frozenset(("Configuration.*", "Dimensions.Name", "Dimensions.Value", "MetricName", "Namespace", "Stat"))
    replaces = frozenset(("Dimensions", "MetricName", "Namespace", "Stat"))

    def create(self, place: Place, properties: Properties) -> Made:
        name = provisioners._physical_name(place.stack_name, place.logical_id, max_len=255)
        _detectors[name] = dict(properties)
        return name, {"Id": name}

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        _detectors[physical_id] = dict(new)
        return physical_id, {"Id": physical_id}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        _detectors.pop(physical_id, None)


class Dashboard(Native):
    """TemplateReference/aws-resource-cloudwatch-dashboard.html"""

    def taken(self, properties: Properties) -> bool:
        """PutDashboard overwrites what CloudFormation refuses: the schema's create handler calls GetDashboard first."""
        return properties.get("DashboardName") in cloudwatch._dashboards

    def create(self, place: Place, properties: Properties) -> Made:
        _check_dashboard(properties)
        return super().create(place, properties)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        _check_dashboard(new)
        return super().update(place, physical_id, old, new)


TYPES = (
    AlarmType(),
    AnomalyDetector(),
    Dashboard("AWS::CloudWatch::Dashboard", ("DashboardBody", "DashboardName"), ("DashboardName",), "DashboardName"),
)

_detectors: dict[str, Properties] = {}


def _check_dashboard(properties: Properties) -> None:
    """API_PutDashboard.html: InvalidParameterInput."""
    try:
        body = json.loads(properties["DashboardBody"])
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(SERVICE, "InvalidParameterInput", "The field DashboardBody must be a valid JSON object")


# ---- alarms


def put(name: str, wanted: Properties) -> Alarm:
    """What PutMetricAlarm does: an alarm of that name is overwritten without a word, and keeps its state.

    AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    alarm: Alarm = {
        **_configured(wanted),
        "AlarmName": name,
        "AlarmArn": arn(name),
        "AlarmConfigurationUpdatedTimestamp": time.time(),
    }
    _check(alarm)
    before = cloudwatch._alarms.get(name)
    alarm.update(
        _state(before)
        if before
        else {
            "StateValue": "INSUFFICIENT_DATA",
            "StateReason": "Unchecked: Initial alarm creation",
            "StateUpdatedTimestamp": time.time(),
        }
    )
    cloudwatch._alarms[name] = alarm
    _record(
        name,
        "ConfigurationUpdate",
        f'Alarm "{name}" {"updated" if before else "created"}',
        {"type": "Update" if before else "Create"},
    )
    evaluate(alarm)
    return alarm


def remove(name: str) -> None:
    """Delete an alarm, if it is there."""
    if cloudwatch._alarms.pop(name, None):
        cloudwatch._resource_tags.pop(arn(name), None)
        _record(name, "ConfigurationUpdate", f'Alarm "{name}" deleted', {"type": "Delete"})


def arn(name: str) -> str:
    """The ARN of the alarm of that name."""
    return f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"


def _state(alarm: Alarm) -> Alarm:
    return {key: value for key, value in alarm.items() if key.startswith("State")}


def _configured(wanted: Properties) -> Alarm:
    """The alarm as DescribeAlarms shows it: what was asked for, and the defaults."""
    alarm: Alarm = {
        "ActionsEnabled": True,
        "AlarmActions": [],
        "OKActions": [],
        "InsufficientDataActions": [],
        "Dimensions": [],
    }
    alarm.update(
        {
            key: _typed(key, wanted[key])
            for key in (*INTEGERS, *TEXTS, *LISTS, "ActionsEnabled", "Threshold")
            if wanted.get(key) not in (None, "")
        }
    )
    return alarm


def _typed(key: str, value: Any) -> Any:
    """Numbers and flags of a template may be strings."""
    if isinstance(value, dict):
        return {inner: _typed(inner, one) for inner, one in value.items()}
    if isinstance(value, list):
        return [_typed("", one) for one in value]
    if key in INTEGERS:
        return int(value)
    if key in FLAGS:
        return str(value).lower() == "true"
    return float(value) if key == "Threshold" else value


def _check(alarm: Alarm) -> None:
    """API_PutMetricAlarm.html on what goes with what."""
    problems = []
    if bool(alarm.get("Metrics")) == bool(alarm.get("MetricName")):
        problems.append("exactly one of Metrics and MetricName must be set")
    if alarm.get("MetricName") and not (bool(alarm.get("Statistic")) ^ bool(alarm.get("ExtendedStatistic"))):
        problems.append("exactly one of Statistic and ExtendedStatistic must be set")
    if alarm.get("MetricName") and not (alarm.get("Namespace") and alarm.get("Period")):
        problems.append("Namespace and Period must be set")
    problems += _threshold_problems(alarm)
    if alarm.get("DatapointsToAlarm", 0) > alarm.get("EvaluationPeriods", 0):
        problems.append("EvaluationPeriods must be set, and DatapointsToAlarm must not exceed it")
    if alarm.get("TreatMissingData", "missing") not in ("missing", "ignore", "breaching", "notBreaching"):
        problems.append(f"TreatMissingData {alarm['TreatMissingData']} is not allowed")
    if problems:
        raise Refusal(SERVICE, "ValidationError", f"Invalid metric alarm {alarm['AlarmName']}: {'; '.join(problems)}")


def _threshold_problems(alarm: Alarm) -> list[str]:
    operator, band = alarm.get("ComparisonOperator"), alarm.get("ThresholdMetricId")
    if operator not in (*COMPARISONS, *BAND_COMPARISONS):
        return [f"ComparisonOperator {operator} is not allowed"]
    if (operator in BAND_COMPARISONS) != bool(band) or bool(band) == ("Threshold" in alarm):
        return ["an anomaly band takes ThresholdMetricId and its own operators, everything else a Threshold"]
    metrics = alarm.get("Metrics") or []
    if band and band not in [one.get("Id") for one in metrics]:
        return [f"ThresholdMetricId {band} is the Id of none of the Metrics"]
    returned = [one.get("Id") for one in metrics if one.get("ReturnData", True) and one.get("Id") != band]
    return (
        []
        if not metrics or len(returned) == 1
        else [f"exactly one of the Metrics must return data, not {len(returned)}"]
    )


def set_state(name: str, value: str, reason: str, data: str = "") -> None:
    """What SetAlarmState does, and what an evaluation does: a change fires the actions of the new state."""
    alarm = cloudwatch._alarms[name]
    before = alarm["StateValue"]
    alarm.update(StateValue=value, StateReason=reason, StateUpdatedTimestamp=time.time())
    alarm.pop("StateReasonData", None)
    if data:
        alarm["StateReasonData"] = data
    if before == value:
        return
    alarm["StateTransitionedTimestamp"] = alarm["StateUpdatedTimestamp"]
    _record(
        name,
        "StateUpdate",
        f"Alarm updated from {before} to {value}",
        {
            "version": "1.0",
            "oldState": {"stateValue": before},
            "newState": {"stateValue": value, "stateReason": reason},
        },
    )
    for action in alarm[STATES[value]] if alarm["ActionsEnabled"] else []:
        _act(alarm, action)
    cloudwatch._evaluate_parent_alarms(alarm)


class ActionFailed(Exception):
    """What the service answered that an alarm's action called."""


ACTORS: dict[str, Callable[[Alarm, str], None]] = {}
"""Who carries out actions, by the first parts of their ARNs; each raises ActionFailed."""


def _act(alarm: Alarm, action: str) -> None:
    """Carry out one action, and write into the alarm's history how it went."""
    actor = next((one for start, one in ACTORS.items() if action.startswith(start)), _unheld)
    result = {"actionState": "Succeeded", "notificationResource": action}
    summary = f"Successfully executed action {action}"
    try:
        actor(alarm, action)
    except ActionFailed as failure:
        summary = f'Failed to execute action {action}. Received error: "{failure}"'
        result.update(actionState="Failed", error=str(failure))
    _record(alarm["AlarmName"], "Action", summary, result)


def _unheld(alarm: Alarm, action: str) -> None:
    raise ActionFailed("the emulator does not hold actions of this kind")


def _publish(alarm: Alarm, topic: str) -> None:
    refusal = notification.refusal_to_alarm(topic, alarm["AlarmArn"])
    if refusal:
        raise ActionFailed(refusal)
    message = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription"),
        "AWSAccountId": get_account_id(),
        "NewStateValue": alarm["StateValue"],
        "NewStateReason": alarm["StateReason"],
        "AlarmArn": alarm["AlarmArn"],
    }
    sns.publish_internal(
        topic, json.dumps(message), f'{alarm["StateValue"]}: "{alarm["AlarmName"]}" in {get_region()}'[:100]
    )


def _operate(alarm: Alarm, action: str) -> None:
    """arn:aws:automate:REGION:ec2:recover and the like: accepted, and of no effect on a machine that does not run.

    AmazonCloudWatch/latest/monitoring/UsingAlarmActions.html
    """
    if action.rsplit(":", 1)[-1] not in ("recover", "reboot", "stop", "terminate"):
        raise ActionFailed(f"{action} is no action on an instance")


ACTORS.update({"arn:aws:sns:": _publish, "arn:aws:automate:": _operate})


def _record(name: str, kind: str, summary: str, data: dict[str, Any]) -> None:
    cloudwatch._history_entries().append(
        {
            "AlarmName": name,
            "AlarmType": "MetricAlarm",
            "Timestamp": cloudwatch._ts_iso(time.time()),
            "HistoryItemType": kind,
            "HistorySummary": summary,
            "HistoryData": json.dumps(data),
        }
    )


# ---- evaluation


def evaluate(alarm: Alarm) -> None:
    """Look at the last EvaluationPeriods of the alarm's own metric: DatapointsToAlarm of them breaching make an ALARM.

    AmazonCloudWatch/latest/monitoring/alarm-evaluation.html. Periods without data breach only if TreatMissingData says so.
    """
    points = _points(alarm)
    if alarm.get("ComparisonOperator") not in COMPARISONS or alarm.get("Metrics") or not points:
        return
    periods = [_statistic(alarm, period) for period in _periods(alarm, points)]
    if alarm.get("TreatMissingData") == "ignore":
        periods = [value for value in periods if value is not None]
    breaching = sum(_breaches(alarm, value) for value in periods)
    needed = alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]
    state = "ALARM" if breaching >= needed else "OK"
    values = [value for value in periods if value is not None]
    if values and state != alarm["StateValue"]:
        relation = "" if state == "ALARM" else "not "
        set_state(
            alarm["AlarmName"],
            state,
            f"Threshold Crossed: {len(values)} datapoint(s) {values} were {relation}breaching the threshold "
            f"({alarm['Threshold']}).",
            json.dumps({"version": "1.0", "recentDatapoints": values, "threshold": alarm["Threshold"]}),
        )


def _points(alarm: Alarm) -> list[dict[str, Any]]:
    key = (
        alarm.get("Namespace"),
        alarm.get("MetricName"),
        cloudwatch._dims_key(cloudwatch._dims_from_list(alarm["Dimensions"])),
    )
    points: list[dict[str, Any]] = cloudwatch._metrics.get(key) or []
    return points


def _periods(alarm: Alarm, points: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The points of each of the last periods, the newest first; the newest begins with the newest point."""
    length, newest = alarm["Period"], max(point["Timestamp"] for point in points) // alarm["Period"]
    return [
        [point for point in points if point["Timestamp"] // length == newest - back]
        for back in range(alarm["EvaluationPeriods"])
    ]


def _statistic(alarm: Alarm, points: list[dict[str, Any]]) -> float | None:
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    value: float | None = cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points) if points else None
    return value


def _breaches(alarm: Alarm, value: float | None) -> bool:
    if value is None:
        return alarm.get("TreatMissingData") == "breaching"
    return COMPARISONS[alarm["ComparisonOperator"]](value, alarm["Threshold"])


# ---- the API: three protocols reach each handler


def _asked(params: dict[str, Any], data: dict[str, Any], cbor: bool, as_json: bool) -> dict[str, Any]:
    return data if cbor or as_json else query.tree(params)


def _answered(action: str, result: Any, cbor: bool, as_json: bool) -> query.Response:
    result = result or {}
    if cbor:
        # An action without a result answers with an empty structure: AWS's SDKs fail on a null.
        response: query.Response = cloudwatch._cbor_ok(_stamped(result or {}, cloudwatch._cbor_timestamp))
        return response
    if as_json:
        response = cloudwatch._json_ok(result or {})
        return response
    return query.answer(
        NAMESPACE, action, _stamped(result, lambda at: at if isinstance(at, str) else cloudwatch._ts_iso(at))
    )


def _stamped(value: Any, write: Callable[[Any], Any]) -> Any:
    """The value with each time as the protocol writes it."""
    if isinstance(value, dict):
        return {
            key: write(inner) if key.endswith(TIMES) and inner is not None else _stamped(inner, write)
            for key, inner in value.items()
        }
    return [_stamped(inner, write) for inner in value] if isinstance(value, list) else value


def _offered(name: str, action: query.Action) -> Callable[..., query.Response]:
    """An action in ministack's form, in every protocol."""

    def offered(
        params: dict[str, Any], cbor_data: dict[str, Any], is_cbor: bool, is_json: bool = False
    ) -> query.Response:
        try:
            return _answered(name, action(_asked(params, cbor_data, is_cbor, is_json)), is_cbor, is_json)
        except Refusal as refusal:
            status = 404 if refusal.code.startswith("ResourceNotFound") else 400
            refused: query.Response = cloudwatch._error(
                refusal.code, refusal.message, status, use_json=is_json, use_cbor=is_cbor
            )
            return refused

    return offered


def _put_metric_alarm(asked: dict[str, Any]) -> None:
    name = asked.get("AlarmName", "")
    if name.startswith(RESERVED) and name in cloudwatch._alarms:
        raise Refusal(
            SERVICE, "ValidationError", f"{name} belongs to a target tracking scaling policy: change the policy"
        )
    tags = asked.get("Tags") or []
    new = name not in cloudwatch._alarms
    put(name, asked)
    if new and tags:
        cloudwatch.cloudformation_set_metric_alarm_tags(name, tags)


def _describe_alarms(asked: dict[str, Any]) -> Any:
    """A page of alarms in the order of their names; its token is the next one's name."""
    kinds = asked.get("AlarmTypes") or ["MetricAlarm"]
    stores = {
        "MetricAlarm": ("MetricAlarms", cloudwatch._alarms),
        "CompositeAlarm": ("CompositeAlarms", cloudwatch._composite_alarms),
    }
    found = sorted(
        (
            (name, stores[kind][0], alarm)
            for kind in kinds
            for name, alarm in stores[kind][1].items()
            if _matches(asked, name, alarm)
        ),
        key=lambda one: one[:2],
    )
    found = [one for one in found if one[0] >= (asked.get("NextToken") or "")]
    limit = int(asked.get("MaxRecords") or 50)
    answer: dict[str, Any] = {
        place: [alarm for _, at, alarm in found[:limit] if at == place] for place, _ in stores.values()
    }
    return {**answer, "NextToken": found[limit][0]} if len(found) > limit else answer


def _matches(asked: dict[str, Any], name: str, alarm: Alarm) -> bool:
    actions = [action for key in STATES.values() for action in alarm.get(key) or []]
    return (
        (not asked.get("AlarmNames") or name in asked["AlarmNames"])
        and name.startswith(asked.get("AlarmNamePrefix") or "")
        and (not asked.get("StateValue") or alarm["StateValue"] == asked["StateValue"])
        and (not asked.get("ActionPrefix") or any(action.startswith(asked["ActionPrefix"]) for action in actions))
    )


def _describe_for_metric(asked: dict[str, Any]) -> Any:
    def dimensions(one: dict[str, Any]) -> str:
        return str(cloudwatch._dims_key(cloudwatch._dims_from_list(one.get("Dimensions") or [])))

    return {
        "MetricAlarms": [
            alarm
            for alarm in cloudwatch._alarms.values()
            if dimensions(alarm) == dimensions(asked)
            and all(alarm.get(key) == asked.get(key) for key in ("MetricName", "Namespace"))
        ]
    }


def _describe_history(asked: dict[str, Any]) -> Any:
    """The newest first unless told otherwise; one page is enough for a test."""
    items = [
        one
        for one in cloudwatch._history_entries()
        if asked.get("AlarmName") in (None, "", one["AlarmName"])
        and asked.get("HistoryItemType") in (None, "", one["HistoryItemType"])
    ]
    if asked.get("ScanBy") != "TimestampAscending":
        items.reverse()
    return {"AlarmHistoryItems": items[: int(asked.get("MaxRecords") or 100)]}


def _set_alarm_state(asked: dict[str, Any]) -> None:
    name, value = asked.get("AlarmName", ""), asked.get("StateValue", "")
    if value not in STATES:
        raise Refusal(SERVICE, "ValidationError", f"StateValue '{value}' is not allowed: it takes {', '.join(STATES)}")
    if name not in cloudwatch._alarms:
        raise Refusal(SERVICE, "ResourceNotFound", f"Alarm {name} not found")
    set_state(name, value, asked.get("StateReason", ""), asked.get("StateReasonData", ""))


def _delete_alarms(asked: dict[str, Any]) -> None:
    """All or none (API_DeleteAlarms.html); ministack knows composite alarms, which we do not use."""
    for name in asked.get("AlarmNames") or []:
        if name not in cloudwatch._alarms:
            raise Refusal(SERVICE, "ResourceNotFound", f"Alarm {name} not found")
    for name in asked.get("AlarmNames") or []:
        remove(name)


def _describe_detectors(asked: dict[str, Any]) -> Any:
    def shown(one: Properties) -> dict[str, Any]:
        metric: dict[str, Any] = {
            key: one[key] for key in ("Namespace", "MetricName", "Dimensions", "Stat") if key in one
        }
        return {**metric, "SingleMetricAnomalyDetector": metric, "StateValue": "TRAINED_INSUFFICIENT_DATA"}

    return {
        "AnomalyDetectors": [
            shown(one)
            for one in _detectors.values()
            if all(asked.get(key) in (None, "", one.get(key)) for key in ("Namespace", "MetricName"))
        ]
    }


_native_request = cloudwatch.handle_request


def _list_dashboards(asked: dict[str, Any]) -> Any:
    prefix = asked.get("DashboardNamePrefix", "")
    return {
        "DashboardEntries": [
            {key: one[key] for key in ("DashboardName", "DashboardArn", "Size", "LastModified")}
            for name, one in sorted(cloudwatch._dashboards.items())
            if name.startswith(prefix)
        ]
    }


_describe_detectors_answered = _offered("DescribeAnomalyDetectors", _describe_detectors)


async def _request(method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]) -> Any:
    """ministack's own table of actions is out of reach: what it lacks is answered before it is asked."""
    form = parse_qs(body.decode("utf-8", errors="replace"))
    asked_for = (
        headers.get("x-amz-target", "").rpartition(".")[2]
        or path.partition("/operation/")[2]
        or form.get("Action", [""])[0]
    )
    if asked_for != "DescribeAnomalyDetectors":
        return await _native_request(method, path, headers, body, query_params)
    cbor = "cbor" in headers.get("smithy-protocol", "")
    return _describe_detectors_answered(
        form, {} if cbor else _json(body), cbor, not cbor and "json" in headers.get("content-type", "")
    )


def _json(body: bytes) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(body)
    except ValueError:
        return {}
    return read


def _fired(alarm: Alarm, old_state: str, new_state: str, reason: str) -> None:
    """What ministack calls for a composite alarm."""
    for action in alarm.get(STATES[new_state]) or [] if alarm.get("ActionsEnabled", True) else []:
        _act(alarm, action)


def install() -> None:
    """Take alarms over from ministack; metrics stay with it."""
    cloudwatch._put_metric_alarm = _offered("PutMetricAlarm", _put_metric_alarm)
    cloudwatch._describe_alarms = _offered("DescribeAlarms", _describe_alarms)
    cloudwatch._describe_alarms_for_metric = _offered("DescribeAlarmsForMetric", _describe_for_metric)
    cloudwatch._describe_alarm_history = _offered("DescribeAlarmHistory", _describe_history)
    cloudwatch._set_alarm_state = _offered("SetAlarmState", _set_alarm_state)
    cloudwatch._delete_alarms = _offered("DeleteAlarms", _delete_alarms)
    cloudwatch._list_dashboards = _offered("ListDashboards", _list_dashboards)
    cloudwatch._evaluate_alarm = evaluate
    cloudwatch.handle_request = _request
    cloudwatch._dispatch_alarm_actions = _fired


def reset() -> None:
    _detectors.clear()
