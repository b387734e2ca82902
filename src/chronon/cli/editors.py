"""What editors need to complete and check definitions: the schemas as files."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from chronon.model.errors import ChrononError
from chronon.schemas.documents import NAMES, Draft, draft_schema

_FOREIGN = "CHR-S110"


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


def _is_ours(path: Path) -> bool:
    """Whether a file is a schema that some version wrote: its `$id` is its own name."""
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):  # no JSON, or no text
        return False
    return isinstance(found, dict) and found.get("$id") == path.name
