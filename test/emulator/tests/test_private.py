"""No module uses a private symbol of ministack that private.py does not check at start."""

import ast
import unittest
from pathlib import Path
from unittest import mock

from extension import private

PACKAGE = Path(private.__file__).parent


def used(path: Path) -> set[tuple[str, str]]:
    """The (module, symbol) pairs that a file takes from ministack."""
    tree, modules, found = ast.parse(path.read_text()), {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "ministack"
        ):
            for name in node.names:
                modules[name.asname or name.name] = f"{node.module}.{name.name}"
                if name.name.startswith("_"):
                    found.add((str(node.module), name.name))
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in modules
        ):
            if node.attr.startswith("_"):
                found.add((modules[node.value.id], node.attr))
    return found


class Private(unittest.TestCase):
    def test_every_symbol_is_checked(self) -> None:
        missing = {
            f"{path.name}: {module}.{name}"
            for path in PACKAGE.rglob("*.py")
            for module, name in used(path)
            if name not in private.SYMBOLS.get(module, ())
        }
        self.assertEqual(missing, set())

    def test_no_symbol_is_checked_in_vain(self) -> None:
        everything = {pair for path in PACKAGE.rglob("*.py") for pair in used(path)}
        listed = {
            (module, name)
            for module, names in private.SYMBOLS.items()
            for name in names
        }
        self.assertEqual(listed - everything, set())

    def test_a_changed_ministack_is_noticed(self) -> None:
        with (
            mock.patch.dict(private.SYMBOLS, {"ministack.app": ("_gone",)}),
            self.assertRaisesRegex(private.Changed, "ministack.app._gone is gone"),
        ):
            private.check()
        with (
            mock.patch.dict(
                private.SIGNATURES, {"ministack.app._reset_all_state": ("what",)}
            ),
            self.assertRaises(private.Changed),
        ):
            private.check()
