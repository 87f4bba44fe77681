"""Buckets and their policies."""

from xml.etree.ElementTree import Element, SubElement, tostring

from ministack.services import s3

from ..resources import Made, Named, Native, Place, Properties, Refusal

SERVICE = "S3"
DEFAULT_ENCRYPTION = [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
"""What every bucket has (AmazonS3/latest/userguide/bucket-encryption.html)."""
DEFAULT_BLOCK = {
    name: True for name in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
}
"""New buckets block public access (AmazonS3/latest/userguide/access-control-block-public-access.html)."""


class Bucket(Named):
    """A bucket. It can be deleted only when nothing is in it, old versions and delete markers included
    (AmazonS3/latest/userguide/delete-bucket.html)."""

    def __init__(self) -> None:
        super().__init__(
            "AWS::S3::Bucket",
            (
                "BucketName",
                "BucketEncryption.*",
                "PublicAccessBlockConfiguration.*",
                "VersioningConfiguration.Status",
                "Tags.*",
            ),
            ("BucketName",),
            "BucketName",
            63,
            lower=True,
        )

    def taken(self, properties: Properties) -> bool:
        """In whichever account: names of buckets are everybody's."""
        return "BucketName" in properties and s3._bucket_owner_account(properties["BucketName"]) is not None

    def create(self, place: Place, properties: Properties) -> Made:
        made = super().create(place, {"PublicAccessBlockConfiguration": DEFAULT_BLOCK, **properties})
        self._configure(made[0], properties)
        return made

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        made = super().update(place, physical_id, old, {"PublicAccessBlockConfiguration": DEFAULT_BLOCK, **new})
        if "VersioningConfiguration" in old and not self._versioned(new):
            s3._bucket_versioning[physical_id] = "Suspended"  # versioning cannot be turned off again
        self._configure(physical_id, new)
        return made

    def delete(self, place: Place, physical_id: str, properties: Properties) -> None:
        if physical_id not in s3._buckets:
            return
        if s3._buckets[physical_id]["objects"] or s3._bucket_has_versions(physical_id):
            raise Refusal(SERVICE, "BucketNotEmpty", "The bucket you tried to delete is not empty")
        s3._delete_bucket(physical_id)

    @staticmethod
    def _versioned(properties: Properties) -> bool:
        return properties.get("VersioningConfiguration", {}).get("Status") == "Enabled"

    @staticmethod
    def _configure(name: str, properties: Properties) -> None:
        rules = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration") or DEFAULT_ENCRYPTION
        s3._put_bucket_encryption(name, _encryption(rules))
        tags = properties.get("Tags")
        if tags:
            s3._bucket_tags[name] = {tag["Key"]: tag["Value"] for tag in tags}


def _encryption(rules: list[Properties]) -> bytes:
    root = Element("ServerSideEncryptionConfiguration", xmlns=s3.S3_NS)
    for rule in rules:
        by_default = SubElement(SubElement(root, "Rule"), "ApplyServerSideEncryptionByDefault")
        for key, value in rule.get("ServerSideEncryptionByDefault", {}).items():
            SubElement(by_default, key).text = str(value)
    return tostring(root)


class BucketPolicy(Native):
    """The policy of a bucket that exists."""

    def __init__(self) -> None:
        super().__init__("AWS::S3::BucketPolicy", ("Bucket", "PolicyDocument.*"), ("Bucket",))

    def create(self, place: Place, properties: Properties) -> Made:
        if properties["Bucket"] not in s3._buckets:
            raise Refusal(SERVICE, "NoSuchBucket", "The specified bucket does not exist")
        return super().create(place, properties)


TYPES = (Bucket(), BucketPolicy())
