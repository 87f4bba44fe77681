"""Which resources of the templates in a folder AWS would refuse to make, each with its reason; then how many templates."""

import sys
from pathlib import Path

from extension import contracts
from extension.resources import Refusal

from . import goldens


def refused(template: goldens.Template) -> list[str]:
    """The resources that are refused."""
    found = []
    for name, resource in template.resources.items():
        definition = {
            key: value for key, value in resource.items() if key != "Properties"
        }
        try:
            contracts.hold(
                "create",
                resource["Type"],
                {},
                resource.get("Properties") or {},
                definition=definition,
            )
        except (Refusal, ValueError) as refusal:
            found.append(f"{template.name}, {name}: {refusal}")
    return found


def main(folder: Path) -> None:
    """Print them, and how many templates there were."""
    templates = [
        goldens.Template(path) for path in sorted(folder.rglob("*.template.json"))
    ]
    for template in templates:
        for line in refused(template):
            print(line)
    print(f"{len(templates)} templates")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
