"""AWS's own service models, as botocore ships them: which operations a service has, and what each takes.

Their documentation is AWS's API reference; their patterns are Java's.
"""

import functools
import re
import sys
import unicodedata
from typing import Any

import botocore.session

SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
"""How the models write every character beyond the basic plane."""
CLASSES = re.compile(r"\\p\{(\w+)\}")
LOOSE_HYPHEN = re.compile(r"(?<=\\w)-(?=[\\_])")
"""A hyphen after a class in brackets: Java takes it as it stands, Python as a range."""


@functools.cache
def service(name: str) -> Any:
    """The model of a service, by botocore's name of it (elbv2, cloudwatch)."""
    return _session().get_service_model(name)


@functools.cache
def operation(name: str, called: str) -> Any:
    """The model of an operation; None if the service has none of that name."""
    model = service(name)
    return model.operation_model(called) if called in model.operation_names else None


@functools.cache
def _session() -> Any:
    return botocore.session.Session()


@functools.cache
def pattern(source: str) -> re.Pattern[str]:
    """A pattern of a model in Python's terms. AWS matches the whole value, with anchors or without."""
    source = source.replace(SURROGATES, "\U00010000-\U0010ffff")
    source = CLASSES.sub(lambda found: _characters(found.group(1)), source)
    return re.compile(LOOSE_HYPHEN.sub(r"\\-", source))


@functools.cache
def _characters(name: str) -> str:
    """The characters of a Unicode category ("L", "Z"), to stand in brackets. Those beyond the basic plane are left out,
    which is stricter."""
    whole = {"ASCII": "\x00-\x7f", "all": "\x00-" + chr(sys.maxunicode)}
    if name in whole:
        return whole[name]
    inside = [code for code in range(0x10000) if unicodedata.category(chr(code)).startswith(name)]
    firsts = [code for at, code in enumerate(inside) if at == 0 or inside[at - 1] != code - 1]
    lasts = [code for at, code in enumerate(inside) if at + 1 == len(inside) or inside[at + 1] != code + 1]
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in zip(firsts, lasts, strict=True))
