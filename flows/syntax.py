"""Source files as syntax trees, without what has no part in what they do.

Left out are comments, docstrings, places, imports within the project and the names of its modules,
so that a file says the same wherever it lies and whatever it is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, cast

from typing_extensions import override

_A_MODULE: Final = "<module>"
"""Stands for the name of a module of the project wherever code uses it."""
_CONTEXTS: Final = (ast.Load, ast.Store, ast.Del)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a name stands for: one of a module's names, or the whole module (``name`` empty)."""

    module: str
    name: str = ""


@dataclass
class SourceFile:
    """One module of the project; ``known`` maps every module of it to its file."""

    module: str
    path: Path
    known: Mapping[str, Path]
    imported: dict[str, Imported] = field(default_factory=dict[str, Imported])

    @cached_property
    def statements(self) -> list[ast.stmt]:
        """The statements of the file but for docstrings and imports within the project."""
        tree = ast.parse(self.path.read_bytes())
        _Trimmed(self).visit(tree)
        return tree.body

    @cached_property
    def binding(self) -> dict[str, list[ast.stmt]]:
        """The top-level statements that bind each name."""
        found: dict[str, list[ast.stmt]] = {}
        for statement in self.statements:
            for name in bound_by(statement):
                found.setdefault(name, []).append(statement)
        return found

    def meaning_of(self, module: str, name: str) -> Imported:
        """What ``from module import name`` gives."""
        return (
            Imported(f"{module}.{name}")
            if f"{module}.{name}" in self.known
            else Imported(module, name)
        )

    def base_of(self, level: int, module: str | None) -> str:
        """The absolute name of the module that an import names."""
        if not level:
            return module or ""
        parts = self.module.split(".")
        own = parts if self.path.name == "__init__.py" else parts[:-1]
        kept = own[: len(own) - level + 1]
        return ".".join([*kept, module] if module else kept)


class _Trimmed(ast.NodeTransformer):
    """Takes out what does nothing, and notes what the imports within the project bring."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file

    @override
    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """Drop a docstring, or a text that describes the line above it."""
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else self.generic_visit(node)

    @override
    def visit_If(self, node: ast.If) -> ast.AST | None:
        """Drop a block that held nothing but imports within the project."""
        self.generic_visit(node)
        return node if node.body or node.orelse else None

    @override
    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        """Drop modules of the project from an import."""
        own = [each for each in node.names if each.name in self._file.known]
        for each in own:
            self._file.imported[each.asname or each.name] = Imported(each.name)
        node.names = [each for each in node.names if each not in own]
        return node if node.names else None

    @override
    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        """Drop an import of names of the project."""
        module = self._file.base_of(node.level, node.module)
        if module not in self._file.known:
            return node
        for each in node.names:
            self._file.imported[each.asname or each.name] = self._file.meaning_of(module, each.name)
        return None


def bound_by(statement: ast.stmt) -> Iterator[str]:
    """The names that a top-level statement binds."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (each.asname or each.name.partition(".")[0] for each in names)
        case _:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id


def used_by(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """The names that a statement reads, each with the attribute that is asked of it, if one is."""
    inner: set[int] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            inner.add(id(node.value))
            yield node.value.id, node.attr
        elif isinstance(node, ast.Name) and id(node) not in inner:
            yield node.id, ""


def shape_of(node: object, modules: Mapping[str, Imported]) -> str:
    """A tree as text, the same for every version of Python; ``modules`` are names of modules."""
    match node:
        case ast.Name(id=name):
            is_module = name in modules and not modules[name].name
            return f"Name({_A_MODULE if is_module else name})"
        case ast.AST():
            parts = [
                f"{name}={shape_of(value, modules)}"
                for name, value in ast.iter_fields(node)
                if value not in (None, []) and not isinstance(value, _CONTEXTS)
            ]
            return f"{type(node).__name__}({','.join(parts)})"
        case list():
            each_of = cast("list[object]", node)
            return f"[{','.join(shape_of(each, modules) for each in each_of)}]"
        case _:
            return f"{type(node).__name__}:{node!r}"
