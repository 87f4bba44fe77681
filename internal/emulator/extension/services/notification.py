"""Simple Notification Service: topics, their policies, and subscriptions."""

import json
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import sns
from ministack.services.cloudformation import provisioners

from .. import query
from ..resources import Made, Native, Place, Properties, Refusal, ResourceType

SERVICE = "Sns"
NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
UNCONFIRMED = ("email", "email-json", "http", "https")
"""Protocols whose endpoint must confirm (sns/latest/api/API_Subscribe.html)."""


class Topic(Native):
    """TemplateReference/aws-resource-sns-topic.html"""

    name_is_id = False

    def taken(self, properties: Properties) -> bool:
        """CreateTopic answers with the topic that exists; CloudFormation refuses it."""
        return properties.get("TopicName") in [arn.rsplit(":", 1)[-1] for arn in sns._topics]

    def create(self, place: Place, properties: Properties) -> Made:
        made = super().create(place, properties)
        sns._topics[made[0]]["attributes"]["Policy"] = default_policy(made[0])
        return made

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        if physical_id in sns._topics:
            super().delete(place, physical_id, properties)


class TopicPolicy(ResourceType):
    """TemplateReference/aws-resource-sns-topicpolicy.html: it takes the place of the topic's own policy."""

    name = "AWS::SNS::TopicPolicy"
    holds = frozenset(("PolicyDocument.*", "Topics.*", "Topics"))

    def create(self, place: Place, properties: Properties) -> Made:
        for topic in properties["Topics"]:
            _topic(topic)["attributes"]["Policy"] = json.dumps(properties["PolicyDocument"])
        name = provisioners._physical_name(place.stack_name, place.logical_id)
        return name, {"Id": name}

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        for topic in set(old["Topics"]) - set(new["Topics"]):
            _reset_policy(topic)
        self.create(place, new)
        return physical_id, {"Id": physical_id}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        for topic in properties["Topics"]:
            _reset_policy(topic)


class Subscription(ResourceType):
    """TemplateReference/aws-resource-sns-subscription.html"""

    name = "AWS::SNS::Subscription"
    holds = frozenset(("Endpoint", "Protocol", "TopicArn"))
    replaces = frozenset(("Endpoint", "Protocol", "TopicArn"))

    def create(self, place: Place, properties: Properties) -> Made:
        arn = subscribe(properties)
        return arn, {"Arn": arn}

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        return physical_id, {"Arn": physical_id}

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        """AWS cannot delete one that was never confirmed and drops it after some days (API_Unsubscribe.html); here it goes."""
        provisioners._sns_sub_delete(physical_id, properties)


TYPES = (
    Topic("AWS::SNS::Topic", ("DisplayName", "TopicName", "Tags.*"), ("TopicName", "FifoTopic"), "TopicName"),
    TopicPolicy(),
    Subscription(),
)


def _topic(arn: str) -> dict[str, Any]:
    if arn not in sns._topics:
        raise Refusal(SERVICE, "NotFound", "Topic does not exist")
    topic: dict[str, Any] = sns._topics[arn]
    return topic


def subscribe(properties: Properties) -> str:
    """A new subscription, and its ARN."""
    topic = _topic(properties["TopicArn"])
    arn, _ = provisioners._sns_sub_create("", properties, "")
    subscription = topic["subscriptions"][-1]
    subscription["confirmed"] = properties["Protocol"] not in UNCONFIRMED
    subscription["attributes"].update(_shown(subscription))
    sns._refresh_subscription_counts(topic)
    return str(arn)


def default_policy(arn: str) -> str:
    """What a topic gets by itself: its own account may do everything.

    sns/latest/dg/sns-access-policy-use-cases.html, "default": the condition is on AWS:SourceOwner.
    """
    actions = [
        f"SNS:{name}"
        for name in (
            "GetTopicAttributes",
            "SetTopicAttributes",
            "AddPermission",
            "RemovePermission",
            "DeleteTopic",
            "Subscribe",
            "ListSubscriptionsByTopic",
            "Publish",
        )
    ]
    return json.dumps(
        {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Sid": "__default_statement_ID",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": actions,
                    "Resource": arn,
                    "Condition": {"StringEquals": {"AWS:SourceOwner": get_account_id()}},
                }
            ],
        }
    )


def _reset_policy(arn: str) -> None:
    if arn in sns._topics:
        sns._topics[arn]["attributes"]["Policy"] = default_policy(arn)


def _shown(subscription: dict[str, Any]) -> dict[str, str]:
    pending = not subscription["confirmed"]
    return {
        "SubscriptionArn": "PendingConfirmation" if pending else subscription["arn"],
        "TopicArn": subscription["topic_arn"],
        "Protocol": subscription["protocol"],
        "Endpoint": subscription["endpoint"],
        "Owner": subscription["owner"],
        "PendingConfirmation": str(pending).lower(),
    }


def refusal_to_alarm(topic: str, alarm: str) -> str:
    """Why CloudWatch may not publish an alarm to a topic; "" if it may.

    A policy of the owner's replaces the default one, and has to let cloudwatch.amazonaws.com in
    (AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html and sns/latest/dg/sns-access-policy-use-cases.html).
    """
    kept = sns._topics.get(topic)
    if kept is None:
        return "Topic does not exist"
    owner = get_account_id()
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="sns:Publish",
        resource_arn=topic,
        region=get_region(),
        service_context={"aws:sourcearn": alarm, "aws:sourceaccount": owner, "aws:sourceowner": owner},
    )
    decision = evaluate_resource_policy(
        kept["attributes"].get("Policy") or "{}", context, service="cloudwatch.amazonaws.com"
    ).decision
    return (
        ""
        if decision == "Allow"
        else (
            f"Resource: {alarm} is not authorized to perform: SNS:Publish on resource: {topic} because no "
            "resource-based policy allows the SNS:Publish action"
        )
    )


# ---- the API


def _listed(subscription: dict[str, Any]) -> dict[str, Any]:
    """A subscription in a list; one that is not confirmed has no ARN yet (sns/latest/api/API_ListSubscriptions.html)."""
    shown = _shown(subscription)
    return {name: shown[name] for name in ("SubscriptionArn", "Owner", "Protocol", "Endpoint", "TopicArn")}


def _list(asked: dict[str, Any]) -> Any:
    return {"Subscriptions": [_listed(one) for topic in sns._topics.values() for one in topic["subscriptions"]]}


def _list_by_topic(asked: dict[str, Any]) -> Any:
    return {"Subscriptions": [_listed(one) for one in _topic(asked.get("TopicArn", ""))["subscriptions"]]}


def _subscribe(asked: dict[str, Any]) -> Any:
    """Subscribe; the same endpoint again is the same subscription."""
    topic, wanted = _topic(asked.get("TopicArn", "")), (asked["Protocol"], asked.get("Endpoint", ""))
    same = [one for one in topic["subscriptions"] if (one["protocol"], one["endpoint"]) == wanted]
    if not same:
        subscribe({"TopicArn": topic["arn"], "Protocol": wanted[0], "Endpoint": wanted[1]})
        same = topic["subscriptions"][-1:]
    return {"SubscriptionArn": same[0]["arn"] if same[0]["confirmed"] else "pending confirmation"}


def install() -> None:
    """Say which subscriptions nobody has confirmed."""
    sns._list_subscriptions = query.offered(NAMESPACE, "ListSubscriptions", _list)
    sns._list_subscriptions_by_topic = query.offered(NAMESPACE, "ListSubscriptionsByTopic", _list_by_topic)
    sns._subscribe = query.offered(NAMESPACE, "Subscribe", _subscribe)
