"""What a rule asks of a value: each returns whether it is allowed, or a function that tells."""

import base64
import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any


def matching(pattern: str) -> Callable[[Any], bool]:
    return lambda value: re.fullmatch(pattern, str(value), re.DOTALL) is not None


def between(least: float, most: float) -> Callable[[Any], bool]:
    return lambda value: least <= float(value) <= most


def one_of(*allowed: Any) -> Callable[[Any], bool]:
    return lambda value: str(value) in {str(one) for one in allowed}


def each(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda values: all(test(one) for one in values)


def at_most(size: int) -> Callable[[Any], bool]:
    """Bytes of text, or members of a list."""
    return lambda value: len(value.encode() if isinstance(value, str) else value) <= size


def unless(pattern: str, test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """The test, and not the pattern, whatever the case of the letters."""
    return lambda value: test(value) and re.fullmatch(pattern, str(value), re.DOTALL | re.IGNORECASE) is None


def network(version: int) -> Callable[[Any], bool]:
    return lambda value: "/" in value and ipaddress.ip_network(value, strict=False).version == version


def based(value: Any) -> bool:
    return base64.b64decode(value, validate=True) is not None


def user_data(value: Any) -> bool:
    """16 KB before it is encoded; that it is encoded is another rule."""
    return len(base64.b64decode(value)) <= 16384


def policy(most: int) -> Callable[[Any], bool]:
    """A JSON policy with statements, of so many characters at most without the space between its tokens."""

    def test(value: Any) -> bool:
        parsed = json.loads(value)
        return bool(parsed["Statement"]) and len(json.dumps(parsed, separators=(",", ":"), ensure_ascii=False)) <= most

    return test


def document(value: Any) -> bool:
    """JSON of at most 64 KB."""
    return len(value.encode()) <= 65536 and bool(json.loads(value))


def seconds(duration: str) -> float:
    """An ISO 8601 duration of hours, minutes and seconds in seconds ("PT1H30M" is 5400)."""
    match = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", duration)
    if not match or not any(match.groups()):
        raise ValueError(f"{duration!r} is not a duration of the form PT#H#M#S")
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return 3600.0 * hours + 60 * minutes + rest


def periods(value: Any) -> bool:
    """10, 20, 30, and multiples of 60."""
    return int(value) in (10, 20, 30) or (int(value) > 0 and int(value) % 60 == 0)


def volume(value: dict[str, Any]) -> bool:
    """Size, IOPS and throughput fit the volume's type; gp2 is the API's default (API_EbsBlockDevice.html)."""
    kind = str(value.get("VolumeType", "gp2"))
    size, iops, throughput = VOLUMES[kind]
    asked = ((value.get("VolumeSize"), size), (value.get("Iops"), iops), (value.get("Throughput"), throughput))
    needed = kind not in ("io1", "io2") or value.get("Iops") is not None
    return needed and all(
        number is None or (limits is not None and limits[0] <= int(number) <= limits[1]) for number, limits in asked
    )


Limits = tuple[int, int]
VOLUMES: dict[str, tuple[Limits, Limits | None, Limits | None]] = {
    "gp2": ((1, 16384), None, None),
    "gp3": ((1, 65536), (3000, 80000), (125, 2000)),
    "io1": ((4, 16384), (100, 64000), None),
    "io2": ((4, 65536), (100, 256000), None),
    "st1": ((125, 16384), None, None),
    "sc1": ((125, 16384), None, None),
    "standard": ((1, 1024), None, None),
}
"""GiB, IOPS and MiB/s of each type: None where it takes none."""


def ports(value: dict[str, Any]) -> bool:
    """TCP and UDP take a range of 0-65535, whose start is not above its end; ICMP takes types up to 255."""
    protocol = str(value["IpProtocol"]).lower()
    if protocol not in ("tcp", "udp", "6", "17", "icmp", "1"):
        return True
    first, last = int(value["FromPort"]), int(value["ToPort"])
    if protocol in ("icmp", "1"):
        return -1 <= first <= 255 and -1 <= last <= 255
    return 0 <= first <= last <= 65535


def evaluation(value: dict[str, Any]) -> bool:
    """Not more than a day of periods, seven days where they are of an hour or more."""
    metrics = [one["MetricStat"]["Period"] for one in value.get("Metrics") or [] if one.get("MetricStat")]
    period, count = (
        max(int(one) for one in [value.get("Period") or 0, *metrics]),
        int(value.get("EvaluationPeriods") or 0),
    )
    return period * count <= (604800 if period >= 3600 else 86400)


def record(value: dict[str, Any]) -> bool:
    """An alias has no TTL and no records, anything else has both; values have the form of their type."""
    if value.get("AliasTarget"):
        return value.get("TTL") is None and not value.get("ResourceRecords")
    values = [str(one["Value"]) for one in value["ResourceRecords"]]
    if value["Type"] in ("A", "AAAA"):
        return value.get("TTL") is not None and all(
            ipaddress.ip_address(one).version == (4 if value["Type"] == "A" else 6) for one in values
        )
    if value["Type"] == "TXT":
        return value.get("TTL") is not None and all(re.fullmatch(r'("[^"]{0,255}"\s*)+', one) for one in values)
    return value.get("TTL") is not None and (value["Type"] != "CNAME" or len(values) == 1)


def endpoint(value: dict[str, Any]) -> bool:
    """The endpoint has its protocol's form."""
    return re.fullmatch(ENDPOINTS[value["Protocol"]], value["Endpoint"]) is not None


ENDPOINTS = {
    "http": r"http://\S+",
    "https": r"https://\S+",
    "email": r"[^@\s]+@[^@\s]+",
    "email-json": r"[^@\s]+@[^@\s]+",
    "sms": r"\+?[\d-]+",
    "sqs": r"arn:aws:sqs:\S+",
    "application": r"arn:aws:sns:\S+",
    "lambda": r"arn:aws:lambda:\S+",
    "firehose": r"arn:aws:firehose:\S+",
}


def topic_attribute(value: dict[str, Any]) -> bool:
    """DisplayName and Policy of a topic."""
    name, said = value["AttributeName"], value.get("AttributeValue", "")
    if name == "Policy":
        return policy(30720)(said)
    return name != "DisplayName" or len(said) <= 100


def target_attribute(value: dict[str, Any]) -> bool:
    """A target group's attributes that have a range."""
    limits = {
        "deregistration_delay.timeout_seconds": (0, 3600),
        "slow_start.duration_seconds": (0, 900),
        "stickiness.lb_cookie.duration_seconds": (1, 604800),
        "stickiness.app_cookie.duration_seconds": (1, 604800),
    }
    least, most = limits.get(value["Key"], (0, 0))
    return value["Key"] not in limits or least <= int(value["Value"]) <= most


def balancer_attribute(value: dict[str, Any]) -> bool:
    """A balancer's attributes that have a range or a set; what ends in "enabled" is true or false."""
    key, said = value["Key"], value["Value"]
    if key.endswith(".enabled"):
        return said in ("true", "false")
    if key == "idle_timeout.timeout_seconds":
        return 1 <= int(said) <= 4000
    return key != "routing.http.desync_mitigation_mode" or said in ("monitor", "defensive", "strictest")


def bucket(value: str) -> bool:
    """userguide/bucketnamingrules.html"""
    return (
        re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value) is not None
        and ".." not in value
        and re.fullmatch(r"(\d+\.){3}\d+", value) is None
        and not value.startswith(("xn--", "sthree-", "amzn-s3-demo-"))
        and not value.endswith(("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"))
    )


def name_of_domain(value: str) -> bool:
    """Labels of at most 63 characters."""
    return all(0 < len(label) <= 63 for label in value.removesuffix(".").split("."))
