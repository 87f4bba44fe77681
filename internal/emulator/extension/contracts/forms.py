"""Forms of the query protocol and of EC2's: a list travels as Name.member.1, in EC2 as Name.1, a structure as Name.Member."""

from typing import Any


def tree(given: dict[str, str]) -> dict[str, Any]:
    """The parameters by their path; what has no path is refused by its name."""
    root: dict[str, Any] = {}
    for path, value in given.items():
        *way, last = path.split(".")
        node = root
        for step in way:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise ValueError(f"{path} is given beside one of its own parts")
        if isinstance(node.get(last), dict):
            raise ValueError(f"{path} is given beside one of its own parts")
        node[last] = value
    return root


def structure(shape: Any, node: Any, protocol: str) -> Any:
    """The members of a structure. What is no member stays under its name, for the model to refuse."""
    if not isinstance(node, dict):
        return node
    left, given = dict(node), {}
    for name, member in shape.members.items():
        key = _key(name, member, protocol)
        if key in left:
            given[name] = value(member, left.pop(key), protocol)
    return {**left, **given}


def value(shape: Any, node: Any, protocol: str) -> Any:
    """A value as its shape has it; every leaf is text."""
    if shape.type_name == "structure":
        return structure(shape, node, protocol)
    if shape.type_name == "list":
        inside = (
            node
            if protocol == "ec2" or _flat(shape) or not isinstance(node, dict)
            else node.get(shape.member.serialization.get("name", "member"), node)
        )
        return [value(shape.member, one, protocol) for one in _numbered(inside)]
    if shape.type_name == "map":
        entries = _numbered(node if _flat(shape) or not isinstance(node, dict) else node.get("entry", {}))
        keys = [shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")]
        return {
            one.get(keys[0]): value(shape.value, one.get(keys[1]), protocol) for one in entries if isinstance(one, dict)
        }
    return node


def _numbered(node: Any) -> list[Any]:
    """The entries 1, 2 and so on; an empty list travels as an empty text."""
    if not isinstance(node, dict):
        return [] if node == "" else [node]
    if not all(key.isdigit() for key in node):
        raise ValueError(f"{', '.join(sorted(node))} are no numbers of a list")
    return [node[key] for key in sorted(node, key=int)]


def _flat(shape: Any) -> bool:
    return bool(shape.serialization.get("flattened"))


def _key(name: str, member: Any, protocol: str) -> str:
    """The name that a member travels under."""
    if protocol == "ec2":
        given = member.serialization.get("queryName") or member.serialization.get("name")
        return given if "queryName" in member.serialization else (given[:1].upper() + given[1:] if given else name)
    if member.type_name == "list" and _flat(member):
        return str(member.member.serialization.get("name") or member.serialization.get("name", name))
    return str(member.serialization.get("name", name))
