"""What keeps things and passes them on: buckets, topics, caches."""

from collections.abc import Iterator
from typing import Any

from ministack.core.responses import get_region

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
from .identity import document


class Bucket(Handler):
    name, service = "AWS::S3::Bucket", "s3"

    def create(self, new: Wanted) -> Iterator[Call]:
        bucket = new.get("BucketName") or GENERATED
        # us-east-1 is where a bucket is made without a constraint, and no value of one (AmazonS3/latest/API/API_CreateBucket.html).
        where = (
            {} if get_region() == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": get_region()}}
        )
        yield self.call("CreateBucket", Bucket=bucket, **where)
        yield from self._configuration(bucket, new)
        yield from self._tags(bucket, new)

    def _configuration(self, bucket: str, new: Wanted) -> Iterator[Call]:
        rules = (new.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration")
        if rules is not None:
            yield self.call(
                "PutBucketEncryption",
                Bucket=bucket,
                ServerSideEncryptionConfiguration={"Rules": [self._encryption(one) for one in rules]},
            )
        for name, operation in (
            ("PublicAccessBlockConfiguration", "PutPublicAccessBlock"),
            ("VersioningConfiguration", "PutBucketVersioning"),
        ):
            if new.get(name) is not None:
                yield self.call(operation, new.take(name), Bucket=bucket)

    @staticmethod
    def _encryption(rule: dict[str, Any]) -> Params:
        """ServerSideEncryptionByDefault of a template is ApplyServerSideEncryptionByDefault in the call."""
        return {
            ("ApplyServerSideEncryptionByDefault" if name == "ServerSideEncryptionByDefault" else name): value
            for name, value in rule.items()
        }

    def _tags(self, bucket: str, new: Wanted) -> Iterator[Call]:
        tags = new.tags()
        if tags:
            yield self.call("PutBucketTagging", Bucket=bucket, Tagging={"TagSet": tags})

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield from self._configuration(it.id, new)
        if changed(old, new, "BucketEncryption") and not new.get("BucketEncryption"):
            yield self.call("DeleteBucketEncryption", Bucket=it.id)
        yield from self._tags(it.id, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteBucket", Bucket=it.id)


class BucketPolicy(Handler):
    name, service = "AWS::S3::BucketPolicy", "s3"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("PutBucketPolicy", new.take("Bucket"), Policy=document(new.get("PolicyDocument")))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield from self.create(new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteBucketPolicy", old.take("Bucket"))


# ---- topics


class Topic(Handler):
    name, service = "AWS::SNS::Topic", "sns"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "CreateTopic",
            present("Attributes", new.take("DisplayName")),
            present("Tags", new.tags()),
            Name=new.get("TopicName") or GENERATED,
        )

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        if changed(old, new, "DisplayName"):
            yield self.call(
                "SetTopicAttributes",
                TopicArn=it.id,
                AttributeName="DisplayName",
                AttributeValue=new.get("DisplayName", ""),
            )
        added, removed = retagged(old, new)
        if added:
            yield self.call("TagResource", ResourceArn=it.id, Tags=added)
        if removed:
            yield self.call("UntagResource", ResourceArn=it.id, TagKeys=removed)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteTopic", TopicArn=it.id)


class TopicPolicy(Handler):
    """One that goes gives a topic its first policy back."""

    name, service = "AWS::SNS::TopicPolicy", "sns"
    DEFAULT = document(
        {"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "SNS:Publish"}]}
    )

    def _set(self, topics: list[str], policy: str) -> Iterator[Call]:
        for topic in topics:
            yield self.call("SetTopicAttributes", TopicArn=topic, AttributeName="Policy", AttributeValue=policy)

    def create(self, new: Wanted) -> Iterator[Call]:
        yield from self._set(new.get("Topics") or [], document(new.get("PolicyDocument")))

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        kept = new.get("Topics") or []
        yield from self._set([one for one in old.get("Topics") or [] if one not in kept], self.DEFAULT)
        yield from self.create(new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield from self._set(old.get("Topics") or [], self.DEFAULT)


class Subscription(Handler):
    name, service = "AWS::SNS::Subscription", "sns"

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call("Subscribe", new.take("TopicArn", "Protocol", "Endpoint"))

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("Unsubscribe", SubscriptionArn=it.id)


# ---- caches


class CacheHandler(Handler):
    """A handler that tags by the service's calls."""

    service = "elasticache"

    def tag(self, kind: str, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        added, removed = retagged(old, new)
        arn = f"arn:aws:elasticache:{get_region()}:123456789012:{kind}:{it.id}"
        if added:
            yield self.call("AddTagsToResource", ResourceName=arn, Tags=added)
        if removed:
            yield self.call("RemoveTagsFromResource", ResourceName=arn, TagKeys=removed)


class ReplicationGroup(CacheHandler):
    name = "AWS::ElastiCache::ReplicationGroup"
    CHANGING = (
        "AutomaticFailoverEnabled",
        "CacheNodeType",
        "EngineVersion",
        "ReplicationGroupDescription",
        "SecurityGroupIds",
        "TransitEncryptionEnabled",
        "TransitEncryptionMode",
    )

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "CreateReplicationGroup",
            named(new, "ReplicationGroupId"),
            present("Tags", new.tags()),
            new.take("AtRestEncryptionEnabled", "CacheSubnetGroupName", "Engine", "NumCacheClusters", *self.CHANGING),
        )

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        group: Params = {"ReplicationGroupId": it.id, "ApplyImmediately": True}
        if changed(old, new, *self.CHANGING):
            yield self.call("ModifyReplicationGroup", group, new.take(*self.CHANGING))
        before, after = (int(one.get("NumCacheClusters", 1)) for one in (old, new))
        if before != after:
            yield self.call(
                f"{'Increase' if after > before else 'Decrease'}ReplicaCount", group, NewReplicaCount=after - 1
            )
        yield from self.tag("replicationgroup", it, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteReplicationGroup", ReplicationGroupId=it.id)


class SubnetGroup(CacheHandler):
    name = "AWS::ElastiCache::SubnetGroup"
    MEMBERS = {"CacheSubnetGroupDescription": "Description", "SubnetIds": "SubnetIds"}

    def create(self, new: Wanted) -> Iterator[Call]:
        yield self.call(
            "CreateCacheSubnetGroup",
            named(new, "CacheSubnetGroupName"),
            new.take(**self.MEMBERS),
            present("Tags", new.tags()),
        )

    def update(self, it: It, old: Wanted, new: Wanted) -> Iterator[Call]:
        yield self.call("ModifyCacheSubnetGroup", new.take(**self.MEMBERS), CacheSubnetGroupName=it.id)
        yield from self.tag("subnetgroup", it, old, new)

    def delete(self, it: It, old: Wanted) -> Iterator[Call]:
        yield self.call("DeleteCacheSubnetGroup", CacheSubnetGroupName=it.id)


HANDLERS = (Bucket(), BucketPolicy(), Topic(), TopicPolicy(), Subscription(), ReplicationGroup(), SubnetGroup())
