"""XML of the REST protocol: a member is an element of its name, a list repeats one."""

import re
from typing import Any
from xml.etree import ElementTree

SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}"


def parsed(body: bytes) -> ElementTree.Element:
    """The root, without namespaces."""
    root = ElementTree.fromstring(body)
    for element in root.iter():
        element.tag = re.sub(r"^\{[^}]*\}", "", str(element.tag))
    return root


def structure(shape: Any, element: ElementTree.Element) -> dict[str, Any]:
    """The members of a structure. An element that is no member stays under its name, for the model to refuse."""
    given: dict[str, Any] = {}
    known: set[str] = set()
    for name, member in shape.members.items():
        key = _key(name, member)
        if "location" in member.serialization and member.serialization["location"] != "body":
            continue
        known.add(key)
        if member.serialization.get("xmlAttribute"):
            attribute = element.get(key.replace("xsi:", SCHEMA))
            if attribute is not None:
                given[name] = attribute
        elif member.type_name == "list" and member.serialization.get("flattened"):
            if found := element.findall(key):
                given[name] = [value(member.member, one) for one in found]
        elif (one := element.find(key)) is not None:
            given[name] = value(member, one)
    return {**{child.tag: child.text for child in element if child.tag not in known}, **given}


def value(shape: Any, element: ElementTree.Element) -> Any:
    """A value as its shape has it; every leaf is text."""
    if shape.type_name == "structure":
        return structure(shape, element)
    if shape.type_name == "list":
        return [value(shape.member, one) for one in element]
    return element.text or ""


def _key(name: str, member: Any) -> str:
    if member.type_name == "list" and member.serialization.get("flattened"):
        return str(member.serialization.get("name") or member.member.serialization.get("name", name))
    return str(member.serialization.get("name", name))
