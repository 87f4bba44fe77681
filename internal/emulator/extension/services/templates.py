"""Launch templates and their versions."""

from typing import Any

from ministack.services import ec2

from ..resources import Made, Native, Place, Properties, Refusal, generated_name


class LaunchTemplate(Native):
    """A launch template. Each change makes a version; the default stays the first
    (AWSCloudFormation/latest/UserGuide/aws-resource-ec2-launchtemplate.html)."""

    name_is_id = False

    def __init__(self) -> None:
        data = (
            "BlockDeviceMappings.DeviceName",
            *(
                f"BlockDeviceMappings.Ebs.{one}"
                for one in ("DeleteOnTermination", "Encrypted", "Iops", "Throughput", "VolumeSize", "VolumeType")
            ),
            "CreditSpecification.CpuCredits",
            "DisableApiTermination",
            "EbsOptimized",
            "IamInstanceProfile.Arn",
            "IamInstanceProfile.Name",
            "ImageId",
            "InstanceType",
            "KeyName",
            "MetadataOptions.*",
            "Monitoring.Enabled",
            "NetworkInterfaces.AssociatePublicIpAddress",
            "NetworkInterfaces.DeviceIndex",
            "NetworkInterfaces.Groups",
            "SecurityGroupIds",
            "UserData",
        )
        super().__init__(
            "AWS::EC2::LaunchTemplate",
            (*(f"LaunchTemplateData.{one}" for one in data), "LaunchTemplateName", "TagSpecifications.*"),
            ("LaunchTemplateName",),
            "LaunchTemplateName",
        )

    def taken(self, properties: Properties) -> bool:
        return properties.get("LaunchTemplateName") in [
            one["LaunchTemplateName"] for one in ec2._launch_templates.values()
        ]

    def create(self, place: Place, properties: Properties) -> Made:
        return super().create(place, {"LaunchTemplateName": generated_name(place, 128), **properties})

    def update(self, place: Place, physical_id: str, old: Properties, new: Properties) -> Made:
        name = {"LaunchTemplateName": ec2._launch_templates[physical_id]["LaunchTemplateName"]}
        return super().update(place, physical_id, {**name, **old}, {**name, **new})


def version(template_id: str, number: str) -> dict[str, Any]:
    """The data of that version: a number, $Latest or $Default."""
    template = ec2._launch_templates.get(template_id)
    if template is None:
        raise Refusal(
            "Ec2",
            "InvalidLaunchTemplateId.NotFound",
            f"The specified launch template, with template ID {template_id}, does not exist.",
        )
    named = {"$Latest": template["LatestVersionNumber"], "$Default": template["DefaultVersionNumber"]}
    wanted = str(named.get(number, number))
    for one in template["Versions"]:
        if str(one["VersionNumber"]) == wanted:
            data: dict[str, Any] = one["LaunchTemplateData"]
            return data
    raise Refusal(
        "Ec2",
        "InvalidLaunchTemplateId.VersionNotFound",
        f"Could not find the specified version {number} for the launch template with ID {template_id}.",
    )


def install() -> None:
    """Show the credit specification too."""
    render = ec2._lt_data_xml

    def with_credits(data: dict[str, Any]) -> str:
        wanted = data.get("CreditSpecification", {}).get("CpuCredits")
        return str(render(data)) + (
            f"<creditSpecification><cpuCredits>{wanted}</cpuCredits></creditSpecification>" if wanted else ""
        )

    ec2._lt_data_xml = with_credits


TYPES = (LaunchTemplate(),)
