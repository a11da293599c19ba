"""TypeScript declarations from a JSON Schema, of the kind that feeds need."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

_NAMES: Final = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
}


def declarations(schema: Mapping[str, Any]) -> str:
    """A ``.d.ts`` with one exported type for the document and one for each of its ``$defs``.

    Raises ``ValueError`` for a schema that says something this cannot say in TypeScript.
    """
    named = {schema["title"]: schema, **schema.get("$defs", {})}
    parts = [f"// {schema['$id']}: made from schema/{schema['title'].lower()}.json.\n"]
    for name, each in named.items():
        parts.append("\n".join(_declared(name, each)) + "\n")
    return "\n".join(parts)


def _declared(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield from _comment(schema, "")
    if schema.get("type") != "object" or "properties" not in schema:
        yield f"export type {name} = {_type(schema)};"
        return
    yield f"export interface {name} {{"
    required = set(schema.get("required", ()))
    for field, each in schema["properties"].items():
        yield from _comment(each, "  ")
        yield f"  {field}{'' if field in required else '?'}: {_type(each)};"
    yield "}"


def _comment(schema: Mapping[str, Any], indent: str) -> Iterator[str]:
    if "description" in schema:
        yield f"{indent}/** {schema['description']} */"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix("#/$defs/")
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(map(json.dumps, schema["enum"]))
    stated = schema.get("type")
    if stated == "array":
        return f"Array<{_type(schema['items'])}>"
    if stated == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"Record<string, {_type(schema['additionalProperties'])}>"
    names = [stated] if isinstance(stated, str) else list(stated or ())
    if not names or any(name not in _NAMES for name in names):
        raise ValueError(f"no TypeScript for {schema}")
    return " | ".join(dict.fromkeys(_NAMES[name] for name in names))
