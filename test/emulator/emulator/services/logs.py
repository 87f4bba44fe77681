"""Log groups."""

from ministack.services import cloudwatch_logs

from ..resources import Made, Named, Place, Properties, Refusal

RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""Days that PutRetentionPolicy takes (AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)."""


class LogGroup(Named):
    """A log group; without RetentionInDays it keeps its events for ever."""

    def __init__(self) -> None:
        super().__init__("AWS::Logs::LogGroup", ("LogGroupName", "RetentionInDays", "Tags.*"), ("LogGroupName",), "LogGroupName",
                         512)

    def create(self, place: Place, properties: Properties) -> Made:
        self._check(properties)
        if properties.get("LogGroupName") in cloudwatch_logs._log_groups:
            raise Refusal("CloudWatchLogs", "ResourceAlreadyExistsException", "The specified log group already exists")
        return super().create(place, properties)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        self._check(new)
        return super().update(place, physical_id, old, new)

    @staticmethod
    def _check(properties: Properties) -> None:
        days = properties.get("RetentionInDays")
        if days is not None and int(days) not in RETENTION:
            raise Refusal("CloudWatchLogs", "InvalidParameterException", f"1 validation error detected: Value '{days}' at "
                          f"'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: {list(RETENTION)}")


TYPES = (LogGroup(),)
