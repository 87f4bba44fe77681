"""The templates that the stacks make, and their values made up where only AWS knows them."""

import json
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parents[2] / "testdata" / "templates"
ACCOUNT, REGION = "123456789012", "ap-south-1"
ELB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::StackName": "KoraBackend",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/KoraBackend/00000000-0000-0000-0000-000000000000",
}
IDS = {
    "AWS::EC2::Instance": "i-0123456789abcdef0",
    "AWS::EC2::EIP": "203.0.113.7",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts",
    "AWS::ElasticLoadBalancingV2::TargetGroup": f"{ELB}:targetgroup/kora/0123456789abcdef",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": f"{ELB}:loadbalancer/app/kora/0123456789abcdef",
    "AWS::CertificateManager::Certificate": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-0000-0000-000000000000",
    "AWS::DLM::LifecyclePolicy": "policy-0123456789abcdef0",
}
"""What Ref gives; of other types a name that fits everywhere."""
ATTRIBUTES = {
    "Arn": f"arn:aws:iam::{ACCOUNT}:role/made",
    "AllocationId": "eipalloc-0123456789abcdef0",
    "GroupId": "sg-0123456789abcdef0",
    "LoadBalancerFullName": "app/kora/0123456789abcdef",
    "TargetGroupFullName": "targetgroup/kora/0123456789abcdef",
    "LatestVersionNumber": "1",
    "DefaultVersionNumber": "1",
    "DNSName": "kora-1.ap-south-1.elb.amazonaws.com",
    "CanonicalHostedZoneID": "ZP97RAFLXTNZK",
}


class Template:
    """One template, its values resolved."""

    def __init__(self, path: Path) -> None:
        inside = path.is_relative_to(TEMPLATES)
        self.name = str(path.relative_to(TEMPLATES)) if inside else path.name
        self.whole = json.loads(path.read_text())
        self.resources: dict[str, Any] = {
            name: self.resolved(one) for name, one in self.whole["Resources"].items()
        }

    def ref(self, name: str) -> str:
        """What Ref gives."""
        if name in PSEUDO:
            return PSEUDO[name]
        of = self.whole["Resources"].get(name, {}).get("Type", "")
        return IDS.get(of, f"made-{name}".lower()[:32])

    def attribute(self, name: str, attribute: str) -> str:
        """What Fn::GetAtt gives."""
        return ATTRIBUTES.get(attribute) or f"made-{attribute}"

    def resolved(self, value: Any) -> Any:
        """The value without functions."""
        if isinstance(value, list):
            return [self.resolved(one) for one in value]
        if isinstance(value, str):
            return (
                "ami-0123456789abcdef0" if value.startswith("{{resolve:ssm:") else value
            )
        if not isinstance(value, dict):
            return value
        ((name, inner), *more) = list(value.items()) or [("", None)]
        if more or name not in FUNCTIONS:
            return {key: self.resolved(one) for key, one in value.items()}
        return FUNCTIONS[name](self, inner)

    def joined(self, inner: Any) -> str:
        separator, parts = inner
        return str(separator).join(str(self.resolved(one)) for one in parts)

    def substituted(self, inner: Any) -> str:
        import re

        text, given = inner if isinstance(inner, list) else (inner, {})

        def put(found: Any) -> str:
            name = found.group(1)
            if name in given:
                return str(self.resolved(given[name]))
            return (
                self.attribute(*name.split(".", 1)) if "." in name else self.ref(name)
            )

        return re.sub(r"\$\{!", "${", re.sub(r"\$\{(?!!)([^}]+)\}", put, text))

    def encoded(self, inner: Any) -> str:
        import base64

        return base64.b64encode(str(self.resolved(inner)).encode()).decode()


FUNCTIONS: dict[str, Any] = {
    "Ref": Template.ref,
    "Fn::GetAtt": lambda template, inner: template.attribute(
        *(inner if isinstance(inner, list) else inner.split(".", 1))
    ),
    "Fn::Join": Template.joined,
    "Fn::Sub": Template.substituted,
    "Fn::Base64": Template.encoded,
}


def templates() -> list[Template]:
    """All of them, those of the moves in their order."""
    return [Template(path) for path in sorted(TEMPLATES.rglob("*.template.json"))]
