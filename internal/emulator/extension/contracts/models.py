"""AWS's own service models, as botocore ships them: which operations a service has, and what each takes.

Their documentation is AWS's API reference; their patterns are Java's.
"""

import functools
import re
from typing import Any

import botocore.session

SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
"""How the models write every character beyond the basic plane."""
CLASSES = re.compile(r"\\p\{(\w+)\}")
CATEGORIES = {
    "L": r"\w",
    "N": r"\d",
    "Z": "\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    "P": r"!\"#%&'()*,\-./:;?@\[\\\]_{}",
    "M": "\u0300-\u036f",
    "ASCII": r"\x00-\x7f",
    "all": r"\s\S",
}
"""Unicode's categories in Python's terms, to stand in brackets. \\w has digits and the underscore too: every pattern that allows
letters allows them as well (a test looks). Of punctuation and marks only the usual ones are known, which is stricter."""
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


INLINE = re.compile(r"(?<=.)\(\?i\)([^()]*)")
"""What ignores case from within a group on, to its end: Python wants a group of its own for that."""


@functools.cache
def pattern(source: str) -> re.Pattern[str]:
    """A pattern of a model in Python's terms. AWS matches the whole value, with anchors or without."""
    source = source.replace(SURROGATES, "\U00010000-\U0010ffff")
    source = CLASSES.sub(lambda found: CATEGORIES[found.group(1)], source)
    source = INLINE.sub(r"(?i:\1)", source)
    return re.compile(LOOSE_HYPHEN.sub(r"\\-", source))
