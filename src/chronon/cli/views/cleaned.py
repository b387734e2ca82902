"""What can be removed, or was: text and JSON of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.cli.terminal import PLAIN, Paint, printable
from chronon.cli.views.words import aligned, folded, listed, plural, size_text
from chronon.model.time import day_text

if TYPE_CHECKING:
    from chronon.model.retention import Leavings, Sweep

_SHOWN = 6


def sweep_text(sweep: Sweep) -> str:
    """`3 columns in 4 files (12 kB), 1 upload (3 keys) and the tiles of 1 dataset`; empty when there is nothing of it."""
    garbage, parts = sweep.garbage, []
    if garbage.cells or sweep.files:
        columns = f"{plural(len(garbage.cells), 'column')} in " if garbage.cells else ""
        parts.append(f"{columns}{plural(len(sweep.files), 'file')} ({size_text(sweep.bytes)})")
    if garbage.uploads:
        keys = sum(upload.keys for upload in garbage.uploads)
        parts.append(f"{plural(len(garbage.uploads), 'upload')} ({plural(keys, 'key')})")
    if garbage.tiles:
        parts.append(f"the tiles of {plural(len(garbage.tiles), 'dataset')}")
    return listed(parts)


def leavings_text(leavings: Leavings) -> str:
    """`1 file (2.0 kB), 1 attempt (812 B) and the tiles of 1 dataset`; empty when there is nothing of it."""
    parts = [
        f"{plural(len(found), noun)} ({size_text(sum(each.bytes for each in found))})"
        for noun, found in (("file", leavings.files), ("attempt", leavings.attempts))
        if found
    ]
    return listed([*parts, *([f"the tiles of {plural(len(leavings.tiles), 'dataset')}"] if leavings.tiles else [])])


def removed_text(sweep: Sweep) -> str:
    """Everything that a clean removes, in one line."""
    left = leavings_text(sweep.leavings)
    never = [f"{left} that were never recorded"] if left else []
    return " and ".join(filter(None, (sweep_text(sweep), *never))) or "what was left"


def alone_text(sweep: Sweep) -> str:
    """What only one environment points at, as a sentence."""
    text = sweep_text(sweep)
    return f"only it points at {text}" if text else "all of its data is shared with other environments"


def sweep_lines(sweep: Sweep, kept: str, paint: Paint = PLAIN) -> list[str]:
    """What a clean removes, and what cannot be restored afterwards. kept: what stays, in words."""
    head = f"= kept: {kept}"
    if sweep.is_empty:
        return [paint.strong("Nothing to remove."), head]
    rows = [("what nobody points at", sweep_text(sweep))] if sweep_text(sweep) else []
    rows += (
        [("left by a clean that was interrupted", plural(len(sweep.trash), "set") + " of values")]
        if sweep.trash
        else []
    )
    left = leavings_text(sweep.leavings)
    rows += [("left by an apply that was interrupted and is over, never recorded", left)] if left else []
    unknown = ", ".join(map(printable, sweep.unknown))
    rows += [("metadata of environments that are not recorded", unknown)] if unknown else []
    lines = [paint.strong("REMOVE"), *aligned([(f"- {what}", found) for what, found in rows]), head]
    if sweep.garbage.moves:
        serials = [f"{printable(name)} {serial}" for name, serial in sweep.garbage.moves]
        told = f"a rollback to {plural(len(serials), 'serial')} has to compute again then: {folded(serials, _SHOWN)}"
        lines.append(paint.warn(told))
    return lines


def sweep_plain(sweep: Sweep) -> dict[str, Any]:
    """The same for JSON, whole."""
    garbage = sweep.garbage
    return {
        "columns": [{"left": left, "column": column} for left, column in sorted(garbage.cells)],
        "files": [file.path for file in sweep.files],
        "bytes": sweep.bytes,
        "uploads": [
            {
                "dataset": upload.dataset,
                "generation": upload.generation,
                "day": day_text(upload.day),
                "keys": upload.keys,
                "bytes": upload.bytes,
            }
            for upload in garbage.uploads
        ],
        "tiles": sorted(garbage.tiles),
        "interrupted": [{"dataset": each.dataset, "generation": each.generation or None} for each in sweep.trash],
        "unknown_environments": list(sweep.unknown),
        "no_longer_kept": [{"environment": name, "serial": serial} for name, serial in garbage.moves],
    }


def leavings_plain(leavings: Leavings) -> dict[str, Any]:
    """What was never recorded, for JSON, whole."""
    return {
        "files": [file.path for file in leavings.files],
        "attempts": [attempt.path for attempt in leavings.attempts],
        "tiles": list(leavings.tiles),
        "bytes": sum(each.bytes for each in (*leavings.files, *leavings.attempts)),
    }
