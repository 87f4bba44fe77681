"""Caches: replication groups, which only stand in the books here, and their subnet groups."""

import hashlib
from typing import Any

from ministack.services import elasticache

from .. import actions
from ..resources import Made, Named, Place, Properties, Refusal
from . import network

SERVICE = "AmazonElastiCache"
PORT = 6379


class ReplicationGroup(Named):
    """A replication group of one shard, without a server behind it."""

    def __init__(self) -> None:
        super().__init__(
            "AWS::ElastiCache::ReplicationGroup",
            (
                "ReplicationGroupId",
                "ReplicationGroupDescription",
                "Engine",
                "EngineVersion",
                "CacheNodeType",
                "NumCacheClusters",
                "CacheSubnetGroupName",
                "SecurityGroupIds.*",
                "AtRestEncryptionEnabled",
                "TransitEncryptionEnabled",
                "TransitEncryptionMode",
                "AutomaticFailoverEnabled",
                "Tags.*",
            ),
            ("ReplicationGroupId", "AtRestEncryptionEnabled", "CacheSubnetGroupName", "Engine"),
            "ReplicationGroupId",
            40,
            lower=True,
        )

    def create(self, place: Place, properties: Properties) -> Made:
        self._check(properties)
        return super().create(place, properties)

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        self._check(new)
        return super().update(place, physical_id, old, new)

    def taken(self, properties: Properties) -> bool:
        return str(properties.get("ReplicationGroupId")).lower() in elasticache._replication_groups

    @staticmethod
    def _check(properties: Properties) -> None:
        network.require_groups(properties.get("SecurityGroupIds", []))
        group = properties.get("CacheSubnetGroupName")
        if group and group not in elasticache._subnet_groups:
            raise Refusal(SERVICE, "CacheSubnetGroupNotFoundFault", f"Cache subnet group {group} not found.")
        if actions.flag(properties.get("AutomaticFailoverEnabled")) and int(properties.get("NumCacheClusters", 1)) < 2:
            raise Refusal(
                SERVICE,
                "InvalidParameterValue",
                "Replication group with automatic failover enabled must have at least 2 cache clusters.",
            )


class SubnetGroup(Named):
    """The subnets that a cache may stand in. It goes only when no cache uses it
    (AmazonElastiCache/latest/APIReference/API_DeleteCacheSubnetGroup.html)."""

    def __init__(self) -> None:
        super().__init__(
            "AWS::ElastiCache::SubnetGroup",
            ("CacheSubnetGroupName", "Description", "SubnetIds.*", "Tags.*"),
            ("CacheSubnetGroupName",),
            "CacheSubnetGroupName",
            255,
            lower=True,
        )

    def taken(self, properties: Properties) -> bool:
        return str(properties.get("CacheSubnetGroupName")).lower() in elasticache._subnet_groups

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        if physical_id in elasticache._subnet_groups:
            actions.call(SERVICE, elasticache._delete_subnet_group, {"CacheSubnetGroupName": physical_id})


def _endpoint(
    name: str,
    engine: str,
    engine_version: str,
    labels: dict[str, str],
    transit: bool = False,
    auth_token: str | None = None,
) -> tuple[str, int, None]:
    """The address that a shard has in Mumbai, in place of a container that serves it
    (AmazonElastiCache/latest/dg/Endpoints.html)."""
    group = labels.get("rg_id", name)
    code = hashlib.sha256(group.encode()).hexdigest()[:6]
    host = f"master.{group}.{code}.aps1" if transit else f"{group}.{code}.ng.0001.aps1"
    return f"{host}.cache.amazonaws.com", PORT, None


def install() -> None:
    elasticache._spawn_redis_container = _endpoint
    elasticache._get_docker = _no_docker


def _no_docker() -> Any:
    return None


TYPES = (ReplicationGroup(), SubnetGroup())
