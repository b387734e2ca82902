"""SQL for people: the fragments of a join as one DuckDB view."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chronon.model.jobs import Digest, Fragment
from chronon.stores.tables.zipping import Wanted, groups_of, names_in


def duckdb_view(name: str, root: Path, left: Digest, wanted: Wanted, fragments: Sequence[Fragment]) -> str:
    """A `CREATE VIEW` with `ds`, `row_id` and the wanted columns over recorded fragments, column groups joined by row.

    wanted: (name in the view, digest), at least one. It shows the files given: make it again after the next apply.
    """
    own = [fragment for fragment in fragments if fragment.left == left]
    groups = [(group, columns) for group, columns in groups_of(left, wanted, own).items() if group]
    parts = [f"(\n{_group(root, left, group, columns)}\n) AS g{n}" for n, (group, columns) in enumerate(groups)]
    held = {column for _group, columns in groups for column, _digest in columns}
    shown = [_quoted(column) if column in held else f"NULL AS {_quoted(column)}" for column, _digest in wanted]
    joined = parts[0] + "".join(f"\nFULL JOIN {part} USING (ds, row_id)" for part in parts[1:])
    return f"CREATE OR REPLACE VIEW {_quoted(name)} AS\nSELECT ds, row_id, {', '.join(shown)}\nFROM {joined};\n"


def _group(root: Path, left: Digest, group: Sequence[Fragment], columns: Wanted) -> str:
    """One SELECT for each way in which the files call the columns."""
    layouts: dict[tuple[str, ...], list[Path]] = {}
    for fragment in group:
        layouts.setdefault(names_in(left, fragment, columns), []).append(root / fragment.path)
    return "\nUNION ALL\n".join(_select(stored, columns, paths) for stored, paths in layouts.items())


def _select(stored: Sequence[str], columns: Wanted, paths: Sequence[Path]) -> str:
    pairs = zip(stored, columns, strict=True)
    renamed = [f"{_quoted(old)} AS {_quoted(new)}" for old, (new, _digest) in pairs]
    files = ",\n    ".join(_text(path.resolve().as_posix()) for path in paths)
    options = "hive_partitioning = true, hive_types_autocast = false"
    return f"  SELECT ds, row_id, {', '.join(renamed)}\n  FROM read_parquet([\n    {files}], {options})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
