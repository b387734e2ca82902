"""What can be removed, or was: text and JSON of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.cli.terminal import PLAIN, Paint, printable
from chronon.cli.views.words import aligned, folded, listed, plural, size_text
from chronon.model.time import day_text

if TYPE_CHECKING:
    from chronon.model.retention import Sweep

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
