"""The rules of serving and of states: what our fetcher says where Chronon's is silent, fails, or says it otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agreement.comparison import ABSENT, Cell
from agreement.evidence import Evidence
from agreement.rules_of_entities import TAKES_BACK_HERE

WITHOUT_VALUES = {"no_entity", "null_key", "missing_key", "bad_key", "no_batch", "before_batch", "read_failed"}
"""Our statuses of parts whose features are all null."""

NOT_SERVED = "CHR-F001"


def is_unknown_entity(cell: Cell, _evidence: Evidence) -> bool:
    """Of an entity that nothing is known of, Chronon says nothing; we say null of every feature, with a status."""
    return cell.column == "*" and cell.theirs == ABSENT and _fetched(cell) and _is_all_null(cell.ours)


def is_request_refused(cell: Cell, _evidence: Evidence) -> bool:
    """A request that Chronon fails or drops: ours has nulls and the reason as a status, or an error with a code."""
    if cell.column != "*" or not cell.pair.failure:
        return False
    said = set(cell.pair.statuses.values())
    return said == {NOT_SERVED} or (bool(said & WITHOUT_VALUES) and _is_all_null(cell.pair.ours))


def is_failed_part(cell: Cell, _evidence: Evidence) -> bool:
    """A part that fails: Chronon puts a text beside the features, we a status and nulls."""
    prefix, _, rest = cell.column.rpartition("_")
    if rest != "exception" or not isinstance(cell.theirs, str):
        return False
    if prefix in {"derivation_fetch", "derivation_rename"}:
        return bool(set(cell.pair.statuses.values()) & WITHOUT_VALUES)
    mine = {name: value for name, value in (cell.pair.ours or {}).items() if name.startswith(f"{prefix}_")}
    return cell.pair.statuses.get(prefix) in WITHOUT_VALUES and _is_all_null(mine)


def is_snapshot_in_the_past(cell: Cell, _evidence: Evidence) -> bool:
    """A snapshot asked as of a moment before its batch end: Chronon ignores the moment, we say that it is not known."""
    at, end = cell.pair.at, cell.answers.batch_end
    is_past = cell.source.accuracy == "snapshot" and at is not None and end is not None and at < end
    return is_past and _fetched(cell) and cell.ours is None and "before_batch" in cell.pair.statuses.values()


def is_state(cell: Cell, _evidence: Evidence) -> bool:
    """Partial states have another form here: only what they finish to is compared."""
    return cell.column == "*" and "state" in cell.pair.statuses.values()


def is_not_taken_back(cell: Cell, _evidence: Evidence) -> bool:
    """Chronon's value still knows a row that was taken back, of an operation that can take one back here."""
    asked = cell.source.asked
    return asked is not None and cell.pair.statuses.get(cell.column) == "delete" and asked.operation in TAKES_BACK_HERE


def is_emptied_group(cell: Cell, _evidence: Evidence) -> bool:
    """Every row was taken back: Chronon shows what is left of its sums, ours is as if nothing had ever been there."""
    shown = cell.theirs.values() if isinstance(cell.theirs, dict) else [cell.theirs]
    is_emptied = cell.pair.statuses.get("") == "emptied"
    return is_emptied and cell.ours is None and all(value in {0, "NaN"} for value in shown)


def is_row_of_the_future(cell: Cell, _evidence: Evidence) -> bool:
    """Without a window a row counts as soon as it is known; the fetcher of Chronon waits for the row's own time."""
    asked = cell.source.asked
    return asked is not None and asked.window is None and cell.pair.statuses.get(cell.column) == "future"


def _fetched(cell: Cell) -> bool:
    return bool(cell.answers.step["kind"] == "fetch")


def _is_all_null(values: Mapping[str, Any] | None) -> bool:
    return all(value is None for value in (values or {}).values())
