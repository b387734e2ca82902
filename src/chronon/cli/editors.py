"""What editors need to complete and check definitions: the schemas as files, and the setting that leads to them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from chronon.model.errors import ChrononError
from chronon.schemas.documents import NAMES, Draft, draft_schema

SETTING = "yaml.schemas"
"""The setting of VS Code's YAML extension: schema → the files that it is for."""

_PATTERNS = {
    "chronon": "chronon.yaml",
    "team": "teams/*/team.yaml",
    "source": "teams/*/sources/*.yaml",
    "group_by": "teams/*/group_bys/*.yaml",
    "join": "teams/*/joins/*.yaml",
}
_FOREIGN = "CHR-S110"

_TEXT = r'"(?:\\.|[^"\\])*"'
_COMMENT = re.compile(rf"({_TEXT})|//[^\n]*|/\*.*?\*/", re.DOTALL)
_LAST_COMMA = re.compile(rf"({_TEXT})|,(?=\s*[}}\]])", re.DOTALL)
_BEGIN = re.compile(r"\ufeff?(?:\s|//[^\n]*|/\*.*?\*/)*\{", re.DOTALL)
_BEGIN_OF_SETTING = re.compile(rf'"{re.escape(SETTING)}"\s*:\s*\{{')
_INDENT = re.compile(r"\n([ \t]+)\"")


def schema_texts(folder: Path, draft: Draft) -> dict[Path, str]:
    """Path → text of every schema in a folder. Nothing in it is the machine's: the files can be committed."""
    return {
        folder / f"{name}.schema.json": json.dumps(draft_schema(name, draft), ensure_ascii=False, indent=2) + "\n"
        for name in NAMES
    }


def write_schemas(texts: Mapping[Path, str]) -> Collection[Path]:
    """Write the files that are not there or say something else, and return them.

    Errors: CHR-S110 when a file of such a name was not written by us; then none is written.
    """
    for path in texts:
        if path.exists() and not _is_ours(path):
            hint = "choose another folder, or move that file away"
            raise ChrononError(_FOREIGN, f"{path} is there, and is no schema of chronon's", hint)
    changed = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
    return changed


def settings_for(schemas: str) -> dict[str, str]:
    """The value of `SETTING` where the schemas are in that folder of the repository."""
    return {f"./{schemas}/{name}.schema.json": pattern for name, pattern in _PATTERNS.items()}


def settings_text(present: str | None, wanted: Mapping[str, str]) -> str | None:
    """The text of VS Code's settings with `wanted` in it: what is there stays as it is, with its comments.

    present: the text of the file, None when there is none. An entry that is there already is not changed.
    None when nothing can be added safely: the text is no settings, or has the setting in a form of its own.
    """
    if present is None:
        return json.dumps({SETTING: dict(wanted)}, indent=2) + "\n"
    before = _settings(present)
    found = {} if before is None else before.get(SETTING, {})
    if before is None or not isinstance(found, dict):
        return None
    missing = {name: pattern for name, pattern in wanted.items() if name not in found}
    text = _inserted(present, missing, is_there=SETTING in before) if missing else present
    # The text was edited without being understood; what it says now is the proof.
    return text if _settings(text) == {**before, SETTING: {**missing, **found}} else None


def _settings(text: str) -> dict[str, Any] | None:
    """What a file of settings says: JSON with comments and commas behind the last value; None if it is something else."""
    plain = _LAST_COMMA.sub(r"\1", _COMMENT.sub(r"\1", text.removeprefix("\ufeff")))
    try:
        found = json.loads(plain, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping whose keys stand once: of two, which one counts is the editor's choice."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _inserted(text: str, missing: Mapping[str, str], *, is_there: bool) -> str:
    """The text with entries behind the bracket of the setting, or with the setting behind the first bracket."""
    begin = (_BEGIN_OF_SETTING.search if is_there else _BEGIN.match)(text)
    if begin is None:
        return text
    found = _INDENT.search(text)
    indent = found[1] if found else "  "
    entries = ",\n".join(f"{indent * 2}{json.dumps(name)}: {json.dumps(pattern)}" for name, pattern in missing.items())
    added = entries if is_there else f'{indent}"{SETTING}": {{\n{entries}\n{indent}}}'
    rest = text[begin.end() :]
    comma = "" if _COMMENT.sub(r"\1", rest).lstrip().startswith("}") else ","
    lines = f"\n{added}{comma}" + ("" if rest[:1] in "\r\n" else "\n")
    return text[: begin.end()] + (lines.replace("\n", "\r\n") if "\r\n" in text else lines) + rest


def _is_ours(path: Path) -> bool:
    """Whether a file is a schema that some version wrote: its `$id` is its own name."""
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):  # no JSON, or no text
        return False
    return isinstance(found, dict) and found.get("$id") == path.name
