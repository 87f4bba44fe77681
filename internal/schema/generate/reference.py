"""Writes reference.json anew: what the pages of AWS's Template Reference say of an update, beside facts.json.

    python3 generate/reference.py <clone of awsdocs/aws-cloudformation-user-guide>

run in internal/schema. The clone's last commit with pages is used: AWS took them out of the repository later.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

COMMIT = "19dc52cd"
SOURCE = "AWS CloudFormation Template Reference of September 2023 (github.com/awsdocs/aws-cloudformation-user-guide"


def git(clone: str, *arguments: str) -> str:
    return subprocess.run(["git", "-C", clone, *arguments], check=True, capture_output=True, text=True).stdout


def updates(page: str) -> dict[str, str]:
    """What "Update requires" says of each property of a type's page."""
    _, _, body = page.partition("\n## Properties")
    body = body.partition("\n## ")[0]
    said = {}
    for block in re.split(r"^(?=`\w+`\s+<a name)", body, flags=re.M)[1:]:
        update = re.search(r"\*Update requires\*:\s*\[?([^\]\n]*)", block)
        said[block[1 : block.index("`", 1)]] = update.group(1).strip() if update else ""
    return said


def main(clone: str) -> None:
    facts = json.loads(Path("facts.json").read_text())["types"]
    pages: dict[str, dict[str, str]] = {}
    for name in git(
        clone, "grep", "-lE", "^# AWS::[A-Za-z0-9]+::[A-Za-z0-9]+<a", COMMIT, "--", "doc_source/aws-*"
    ).split():
        page = git(clone, "show", name)
        heading = re.match(r"# (AWS::\w+::\w+)<a", page)
        if heading and heading.group(1) in facts:
            pages.setdefault(heading.group(1), updates(page))
    types = {}
    for name, of in facts.items():
        said = pages.get(name, {})
        words = {"Some interruptions": "interrupt", "Updates are not supported\\.": "refuse"}
        entry: dict[str, list[str]] = {
            "interrupt": [],
            "refuse": [],
            "silent": [p for p in of["update"] if p not in said],
        }
        for name_of, word in said.items():
            if word in words:
                entry[words[word]].append(name_of)
        types[name] = {key: sorted(names) for key, names in entry.items() if names}
    lines = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}" for name, entry in types.items() if entry
    )
    Path("reference.json").write_text(f'{{\n "source": "{SOURCE} at {COMMIT})",\n "types": {{\n{lines}\n }}\n}}\n')


main(sys.argv[1])
