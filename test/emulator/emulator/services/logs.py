"""Log groups."""

from ministack.services import cloudwatch_logs

from ..resources import Made, Named, Place, Properties, Refusal


class LogGroup(Named):
    """A log group; without RetentionInDays it keeps its events for ever."""

    def __init__(self) -> None:
        super().__init__("AWS::Logs::LogGroup", ("LogGroupName", "RetentionInDays", "Tags.*"), ("LogGroupName",), "LogGroupName",
                         512)

    def create(self, place: Place, properties: Properties) -> Made:
        if properties.get("LogGroupName") in cloudwatch_logs._log_groups:
            raise Refusal("CloudWatchLogs", "ResourceAlreadyExistsException", "The specified log group already exists")
        return super().create(place, properties)


TYPES = (LogGroup(),)
