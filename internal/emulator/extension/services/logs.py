"""Log groups."""

from ministack.services import cloudwatch_logs

from ..resources import Named, Properties


class LogGroup(Named):
    """A log group; without RetentionInDays it keeps its events for ever."""

    def __init__(self) -> None:
        super().__init__(
            "AWS::Logs::LogGroup", ("LogGroupName", "RetentionInDays", "Tags.*"), ("LogGroupName",), "LogGroupName", 512
        )

    def taken(self, properties: Properties) -> bool:
        return properties.get("LogGroupName") in cloudwatch_logs._log_groups


TYPES = (LogGroup(),)
