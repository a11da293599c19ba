"""The settings' reference, from the settings' own declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from docs.generators.markdown import code, page, table
from flows.places import CONFIG_VARIABLE, PREFIX
from flows.settings import fields_in_order, key_variable
from models.registry import SELLERS

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_INTRODUCTION: Final = """
A setting is an environment variable, or a line of `pricebook.toml` under the name without
`PRICEBOOK_` and in lower case. Variables win over the file. Nothing else of the environment counts.
A name that no setting has is an error that says which one may be meant, in the file and among the
`PRICEBOOK_` variables alike.

`pricebook.toml` is looked for in the working directory, in the directories above it and in the
checkout; `PRICEBOOK_CONFIG` names another file. A relative path in it starts from the file's own
directory. Lists are separated by commas in a variable, and lists in the file.
"""


def settings_page() -> str:
    """The page of all settings."""
    return page(
        "Settings",
        _INTRODUCTION,
        table(["variable", "in the file", "default", "meaning", "allowed"], _rows()),
        "## Keys",
        "Only from the environment, never from a file. No source that is read today asks for one.",
        table(
            ["variable", "for"],
            [(code(key_variable(s.code)), s.name) for s in SELLERS.values()],
        ),
        "## The settings file itself",
        f"`{CONFIG_VARIABLE}` names the file; a name without a file is an error.",
    )


def _rows() -> Iterator[tuple[str, str, str, str, str]]:
    for name, field in fields_in_order().items():
        if name != "keys":
            yield (
                code(f"{PREFIX}{name.upper()}"),
                code(name),
                _default(name, field),
                field.description or "",
                _bounds(field),
            )


def _default(name: str, field: FieldInfo) -> str:
    if name == "data_dir":
        return "`data` beside the file or in the checkout"
    value: Any = field.default
    if value is None or value in ("", ()):
        return "none"
    return code(f"{value:g}" if isinstance(value, float) else str(value))


def _bounds(field: FieldInfo) -> str:
    words = {"gt": "over", "ge": "at least", "lt": "under", "le": "at most"}
    found = [
        f"{words[key]} {_number(getattr(limit, key))}"
        for limit in field.metadata
        for key in words
        if getattr(limit, key, None) is not None
    ]
    found += [
        f"{each.max_length} characters" for each in field.metadata if hasattr(each, "max_length")
    ]
    return ", ".join(found)


def _number(limit: float) -> str:
    return f"{limit:,.0f}" if limit == int(limit) else f"{limit:g}"
