"""What a file says as a syntax tree: any other operator or number shows, another form does not."""

from __future__ import annotations

import ast
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from flows.syntax import SourceFile, shape_of

PROJECT = Path(__file__).parents[2]
JUDGING = sorted((PROJECT / "models" / "history").glob("*.py"))
KNOWN = {
    ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (PROJECT / "models").rglob("*.py")
}


def said(text: str, module: str = "models.tried") -> str:
    """What a module of that text says."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tried.py"
        path.write_text(text, encoding="utf-8")
        file = SourceFile(module, path, KNOWN)
        return "\n".join(shape_of(each, file.imported) for each in file.statements)


class Mutation(ast.NodeTransformer):
    """Changes the nth number, comparison or truth value of a tree."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def _is_next(self) -> bool:
        self.left -= 1
        return self.left == -1

    @override
    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool | int | float) and self._is_next():
            return ast.Constant(not node.value if isinstance(node.value, bool) else node.value + 1)
        return node

    @override
    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if self._is_next():
            other = ast.NotEq() if isinstance(node.ops[0], ast.Eq) else ast.Eq()
            return ast.Compare(node.left, [other, *node.ops[1:]], node.comparators)
        return node

    @override
    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        if self._is_next():
            return ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        return node


@given(path=st.sampled_from(JUDGING), nth=st.integers(min_value=0, max_value=40))
def test_any_other_operator_or_number_shows(path: Path, nth: int) -> None:
    text = path.read_text(encoding="utf-8")
    mutation = Mutation(nth)
    mutated = ast.unparse(ast.fix_missing_locations(mutation.visit(ast.parse(text))))
    is_changed = mutation.left < 0
    assert (said(mutated) != said(text)) is is_changed


@pytest.mark.parametrize("path", JUDGING, ids=lambda path: path.stem)
def test_another_form_does_not_show(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert said(ast.unparse(ast.parse(text))) == said(text)
    assert said(f'"""Other words."""\n# A comment.\n\n\n{text}') == said(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("from models.money import per_unit\nx = per_unit", "x = per_unit"),
        ("from models import money\nx = money.y", "from models import ids\nx = ids.y"),
        ("from . import money\nx = money.y", "import models.money as m\nx = m.y"),
        ("x = 1\n'''What x is.'''", "x = 1"),
        ("if TYPE_CHECKING:\n    from models.ids import a\nx: a = 1", "x: a = 1"),
        ("def f():\n    from models.ids import a\n    return a", "def f():\n    return a"),
    ],
)
def test_imports_within_the_project_and_descriptions_do_not_show(one: str, other: str) -> None:
    assert said(one) == said(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("from decimal import Decimal", "from decimal import Context"),
        ("import re", ""),
        ("x = 'a'", "x = b'a'"),
        ("x = 1", "x = True"),
        ("x = 1", "x = 1.0"),
        ("x = (a, b)", "x = [a, b]"),
        ("def f(a): ...", "def f(*a): ..."),
        ("x = a.b", "x = a.c"),
        ("x = f'{a}'", "x = f'{a!r}'"),
        ("x = a\ny = b", "y = b\nx = a"),
    ],
)
def test_whatever_does_another_thing_shows(one: str, other: str) -> None:
    assert said(one) != said(other)
