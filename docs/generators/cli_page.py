"""The command line's reference, from the help texts that the command line shows itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Final, Protocol

from typer.main import get_command

from docs.generators.markdown import block, code, page, table
from flows.cli import app

PROGRAM: Final = "pricebook"
_MARKUP: Final = re.compile(r"\[(/?)bold\]")
_EXIT_STATUS: Final = """
| status | meaning |
| --- | --- |
| 0 | every source loaded; also when a result is empty |
| 1 | nothing was published; for reading verbs: there is no such thing |
| 2 | the command line or a setting cannot be meant |
| 3 | published, but someone should look |
| 4 | another run holds the data directory |
"""


class Parameter(Protocol):
    """What is used here of an argument or option; the library's own types are private to it."""

    name: str
    opts: list[str]
    secondary_opts: list[str]
    param_type_name: str
    required: bool
    help: str | None
    metavar: str | None
    default: object


class Command(Protocol):
    """What is used here of a command."""

    help: str | None
    params: Sequence[Parameter]


def cli_page() -> str:
    """The page of all verbs."""
    found = dict(commands())
    verbs = [(name, command) for name, command in found.items() if name]
    return page(
        "Command line",
        "Results go to standard output, everything else to standard error. "
        "`--debug`, anywhere on the line, adds the traceback of an error.",
        "## Exit status",
        _EXIT_STATUS,
        "## Verbs",
        table(
            ["verb", "does"],
            [
                (f"[`{name}`](#{_anchor(f'{PROGRAM} {name}')})", _first_line(command))
                for name, command in verbs
            ],
        ),
        *(_section(name, command) for name, command in verbs),
    )


def commands() -> Iterator[tuple[str, Command]]:
    """Every command by its name after the program's; a group's own name is one where it does
    something by itself."""
    root: Any = get_command(app)
    context: Any = root.make_context(PROGRAM, ["doctor"], resilient_parsing=True)
    yield "", root
    for verb in root.list_commands(context):
        command = root.get_command(context, verb)
        if not hasattr(command, "commands") or command.invoke_without_command:
            yield verb, command
        for name, below in getattr(command, "commands", {}).items():
            yield f"{verb} {name}", below


def _section(name: str, command: Command) -> str:
    options = [param for param in command.params if param.name != "help"]
    rows = [(_label(param), _meaning(param), _default(param)) for param in options]
    parts = [f"### {PROGRAM} {name}", *_prose(command.help or "")]
    if rows:
        parts.append(table(["argument or option", "meaning", "default"], rows))
    return "\n\n".join(parts)


def _prose(text: str) -> Iterator[str]:
    """The help text's paragraphs; lines that are commands become one block."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", _MARKUP.sub("", text).strip()):
        plain = " ".join(re.sub(r"\\\n", "", paragraph).split())
        if plain.startswith(f"{PROGRAM} "):
            lines.append(plain)
            continue
        if lines:
            yield block("console", "\n".join(lines))
            lines = []
        if plain not in ("Example", "Examples"):
            yield _quoted_brackets(plain)
    if lines:
        yield block("console", "\n".join(lines))


def _quoted_brackets(text: str) -> str:
    return text.replace("<", "&lt;")


def _first_line(command: Command) -> str:
    first = re.split(r"\n\s*\n", _MARKUP.sub("", command.help or "").strip())[0]
    return _quoted_brackets(" ".join(first.split()))


def _label(param: Parameter) -> str:
    if param.param_type_name == "argument":
        name = str(param.metavar or param.name).upper()
        return code(name) if param.required else f"{code(f'[{name}]')}"
    words = [*param.opts, *param.secondary_opts]
    value = "" if getattr(param, "is_flag", False) else f" {_value(param)}"
    return ", ".join(code(f"{word}{value}") for word in words)


def _value(param: Parameter) -> str:
    if isinstance(param.default, Enum):
        return "|".join(str(choice.value) for choice in type(param.default))
    return (param.metavar or param.name).upper()


def _meaning(param: Parameter) -> str:
    return _quoted_brackets(_MARKUP.sub("", param.help or ""))


def _default(param: Parameter) -> str:
    value = param.default
    if isinstance(value, bool):
        return code(param.opts[0]) if value else ""
    if isinstance(value, int | str | Enum) and value != "":
        return code(str(value.value if isinstance(value, Enum) else value))
    return ""


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
