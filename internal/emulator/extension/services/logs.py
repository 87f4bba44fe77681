"""Log groups, and what machines that do not boot write there."""

from ministack.services import cloudformation, cloudwatch_logs

from ..resources import Named, Properties


class LogGroup(Named):
    """A log group; without RetentionInDays it keeps its events for ever."""

    def __init__(self) -> None:
        super().__init__(
            "AWS::Logs::LogGroup", ("LogGroupName", "RetentionInDays", "Tags.*"), ("LogGroupName",), "LogGroupName", 512
        )

    def taken(self, properties: Properties) -> bool:
        return properties.get("LogGroupName") in cloudwatch_logs._log_groups


def write(stack_id: str, stream: str, message: str) -> None:
    """An event in a stream of the stack's log group; nothing without a group."""
    stacks = (one for one in cloudformation._stacks.values() if one["StackId"] == stack_id)
    for group in (one for stack in stacks for one in stack["_resources"].values()):
        if group["ResourceType"] == "AWS::Logs::LogGroup":
            place = {"logGroupName": group["PhysicalResourceId"], "logStreamName": stream}
            cloudwatch_logs._create_log_stream(place)
            cloudwatch_logs._put_log_events({**place, "logEvents": [{"message": message}]})


def stack_of(physical_id: str) -> str:
    """The id of the stack that has a resource, "" for none."""
    for stack in cloudformation._stacks.values():
        if any(one["PhysicalResourceId"] == physical_id for one in stack["_resources"].values()):
            return str(stack["StackId"])
    return ""


TYPES = (LogGroup(),)
