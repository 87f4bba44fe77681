"""Writes the list of constraints that is in docs/emulator.md."""

from extension.contracts import documented, entries


def rows() -> dict[tuple[str, str], list[str]]:
    """What is allowed and what holds it: where. Constraints that allow the same for the same reason are one."""
    rules: list[documented.Rule | entries.Entry] = [*documented.RULES, *entries.ENTRIES]
    found: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        held = {
            "page": "page",
            "report": f"report: {rule.source}",
            "deduced": "deduced, no page says it",
        }[rule.held]
        found.setdefault((rule.allowed, held), []).append(rule.where)
    return found


if __name__ == "__main__":
    print("| where | takes | held by |\n|---|---|---|")
    for (allowed, held), where in rows().items():
        print(f"| {', '.join(dict.fromkeys(where))} | {allowed} | {held} |")
