"""The reader's fingerprint: one name for the code and data that turn captures into history.

Part of it is what the readers of all sources reach by their imports, all of ``models/`` with its
registries, and how the flows read and derive. No part of it are fetching and storing, where a file
lies and what it is called, comments and docstrings: see ``flows.syntax``. Settings and a person's
own aliases and decisions are counted apart (:meth:`flows.derive.Deriver.version`).

To parse the code takes a third of a second, so the data directory remembers the fingerprint beside
the checksum of the files it was worked out from; to sum them up takes 5 ms (2026-11).
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, cast

import flows
import models
import spiders
from flows.syntax import Imported, SourceFile, shape_of, used_by
from warehouse.snapshots import write_json

_PACKAGES: Final = (models, spiders, flows)
_READER: Final = "READER"
_REMEMBERED: Final = "reader.json"
_DIGITS: Final = 16
_VERSION_PARTS: Final = 4
"""State, reader, names and thresholds, decisions: see :meth:`flows.derive.Deriver.version`."""


def reader_fingerprint(data_dir: Path) -> str:
    """The fingerprint of the code that runs, as ``data_dir`` remembers it or worked out anew."""
    remembered, checksum = data_dir / _REMEMBERED, _running()[1]
    known = _recall(remembered)
    if known.get("code") == checksum and "reader" in known:
        return known["reader"]
    reader = _worked_out()
    # A directory that cannot be written to is another check's business; this only saves time.
    with suppress(OSError):
        write_json(remembered, {"code": checksum, "reader": reader})
    return reader


def reader_of(version: str) -> str:
    """The fingerprint of the reader by which a history of this version was derived; or empty."""
    parts = version.split("-")
    return parts[1] if len(parts) == _VERSION_PARTS else ""


@cache
def _running() -> tuple[Code, str]:
    """The code and its checksum, once per process: new files do not reach what runs already."""
    code = Code.of({package.__name__: Path(package.__path__[0]) for package in _PACKAGES})
    return code, code.checksum()


@cache
def _worked_out() -> str:
    return _running()[0].fingerprint()


def _recall(remembered: Path) -> dict[str, str]:
    try:
        found: object = json.loads(remembered.read_bytes())
    except (OSError, ValueError):
        return {}
    return cast("dict[str, str]", found) if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Code:
    """The files of a copy of the project: modules by name, and the registries."""

    modules: Mapping[str, Path]
    registries: tuple[Path, ...]

    @classmethod
    def of(cls, packages: Mapping[str, Path]) -> Code:
        """The code in the folders of the packages of these names."""
        modules = {
            _dotted(name, path.relative_to(folder)): path
            for name, folder in packages.items()
            for path in folder.rglob("*.py")
        }
        return cls(modules, tuple(packages[models.__name__].rglob("*.toml")))

    def checksum(self) -> str:
        """Of the bytes of all files, wherever they lie; another Python counts as other bytes."""
        files = (*self.modules.values(), *self.registries)
        digests = sorted(sha256(path.read_bytes()).hexdigest() for path in files)
        return _combined([str(sys.version_info[:2]), *digests])

    def fingerprint(self) -> str:
        """Of what reads, resolves and judges: each module's part of it, in no order."""
        # Where the fingerprint is remembered, reading verbs are spared these.
        from flows import derive, readings  # noqa: PLC0415
        from spiders import read, sources  # noqa: PLC0415

        # Besides all of models: the modules that read and derive, which the readers do not import.
        whole = {each for each in self.modules if each.partition(".")[0] == models.__name__}
        whole.update(each.__name__ for each in (read, readings, derive))
        reach = _Reach(self.modules, frozenset(whole), f"{sources.__name__}.")
        parts = [_shape(file, names) for file, names in reach.parts()]
        data = [repr(tomllib.loads(path.read_text(encoding="utf-8"))) for path in self.registries]
        digests = sorted(sha256(part.encode()).hexdigest() for part in (*parts, *data) if part)
        return _combined(digests)[:_DIGITS]


def _dotted(package: str, path: Path) -> str:
    parts = [package, *path.with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _combined(digests: Iterable[str]) -> str:
    return sha256("\n".join(digests).encode()).hexdigest()


def _shape(file: SourceFile, names: set[str] | None) -> str:
    """What a module says in the statements that bind ``names``, or in all of them."""
    wanted = {id(each) for name in names or () for each in file.binding.get(name, ())}
    return "\n".join(
        shape_of(statement, file.imported)
        for statement in file.statements
        if names is None or id(statement) in wanted
    )


@dataclass
class _Reach:
    """What the readers reach: whole modules, and of others the names that are asked for."""

    known: Mapping[str, Path]
    whole: frozenset[str]
    sources: str
    _files: dict[str, SourceFile] = field(default_factory=dict[str, SourceFile])
    _names: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def parts(self) -> Iterator[tuple[SourceFile, set[str] | None]]:
        """Every module that has a part, with the names that matter (None: all of it)."""
        for module in sorted(self.known):
            if module.startswith(self.sources) and _READER in self._file(module).binding:
                self._follow(Imported(module, _READER))
        for module in sorted(self.whole):
            if module.startswith(f"{spiders.__name__}."):
                self._follow(Imported(module))
        for module in sorted(self.whole):
            yield self._file(module), None
        for module in sorted(self._names.keys() - self.whole):
            yield self._file(module), self._names[module]

    def _file(self, module: str) -> SourceFile:
        if module not in self._files:
            file = self._files[module] = SourceFile(module, self.known[module], self.known)
            _ = file.statements  # parsed here, so that its imports are known
        return self._files[module]

    def _follow(self, start: Imported) -> None:
        """Take in a name, and whatever its statements use, across modules."""
        waiting = [start]
        while waiting:
            asked = waiting.pop()
            if asked.module not in self.known or asked.module.startswith(f"{models.__name__}."):
                continue
            file = self._file(asked.module)
            for name in [asked.name] if asked.name else list(file.binding):
                taken = self._names.setdefault(asked.module, set())
                if name not in taken:
                    taken.add(name)
                    waiting += _uses(file, name)


def _uses(file: SourceFile, name: str) -> Iterator[Imported]:
    """What the statements that bind a name use, and what the name itself was imported as."""
    if name in file.imported:
        yield file.imported[name]
    for statement in file.binding.get(name, ()):
        for used, attribute in used_by(statement):
            meant = file.imported.get(used)
            if meant is None:
                yield Imported(file.module, used)
            elif meant.name or not attribute:
                yield meant
            else:
                yield Imported(meant.module, attribute)
