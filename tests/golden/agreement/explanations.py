"""Why a value may differ from Chronon's, a definition be refused, or work where Chronon fails: one table, by rule.

No rule knows a case by name. Each stands as a line in docs/parity.md, with the decision that it follows from; a test
holds the two against each other, and asks that every rule is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agreement import rules, rules_of_entities, rules_of_fetching, rules_of_rows
from agreement.cases import Case, Definition
from agreement.comparison import Cell
from agreement.evidence import Evidence


class Kind(StrEnum):
    """What an explanation says, and the heading of its table in docs/parity.md."""

    DIFFERS = "explained"
    REFUSED = "refused"
    WORKS = "works here"
    NOT_OFFERED = "not offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One thing that we refuse: a finding of validate, an error of apply, an operation that does not take its input.

    definitions: those of the case.
    """

    code: str
    message: str
    definitions: Sequence[Definition]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A job of Chronon that failed, while ours answered."""

    error: str
    case: Case
    definitions: Sequence[Definition]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One rule. Which of the predicates is set follows from the kind; a line that is only named has none."""

    id: str
    kind: Kind
    of_cell: Callable[[Cell, Evidence], bool] | None = None
    of_refusal: Callable[[Refusal], bool] | None = None
    of_failure: Callable[[Failure], bool] | None = None


def _coded(*codes: str, says: str = "") -> Callable[[Refusal], bool]:
    return lambda refusal: refusal.code in codes and says in refusal.message


def aggregations(definitions: Sequence[Definition]) -> Iterator[Definition]:
    """Every aggregation of some definitions."""
    for one in definitions:
        yield from one.get("aggregations") or ()


def _has_empty_window(refusal: Refusal) -> bool:
    windows = {window for one in aggregations(refusal.definitions) for window in one["windows"]}
    return refusal.code == "CHR-S014" and any(window.rstrip("dh") == "0" for window in windows)


def _is_percentile_without_arguments(failure: Failure) -> bool:
    bare = [
        one
        for one in aggregations(failure.definitions)
        if one["operation"] == "APPROX_PERCENTILE" and not one.get("args")
    ]
    return bool(bare) and "APPROX_PERCENTILE" in failure.error


def _is_histogram_of_numbers(failure: Failure) -> bool:
    is_asked = any(one["operation"] == "HISTOGRAM" for one in aggregations(failure.definitions))
    return is_asked and "cannot be cast to class java.lang.String" in failure.error


def _is_element_by_element(failure: Failure) -> bool:
    is_asked = any(one.get("element_wise") for one in aggregations(failure.definitions))
    return is_asked and "java.util.ArrayList cannot be cast" in failure.error


def _is_date_key(failure: Failure) -> bool:
    schemas = [table.schema for table in failure.case.tables.values()]
    return "DATA_DIFF_TYPES" in failure.error and any(" date," in schema for schema in schemas)


def _is_label_by_other_ids(failure: Failure) -> bool:
    """Chronon labels rows by the ids of its join, which have to contain the keys of the label; the view is missing then."""
    named = ("left side of the join doesn't contain the key", "_labeled` cannot be found")
    labels = [one for one in failure.definitions if one.get("labelPart") and one.get("rowIds")]
    return bool(labels) and any(text in failure.error for text in named)


def _is_half_windowed_increment(failure: Failure) -> bool:
    """Chronon's incremental group_bys need a window in every aggregation."""
    return any(
        one.get("incremental") and any("unbounded" in each["windows"] for each in one["aggregations"])
        for one in failure.definitions
    )


def _is_left_without_time(failure: Failure) -> bool:
    return "ts column cannot be null in left" in failure.error


def _is_event_without_time(failure: Failure) -> bool:
    rows = (row for table in failure.case.tables.values() for row in table.rows())
    return "GroupBy validation failed" in failure.error and any("ts" in row and row["ts"] is None for row in rows)


def _is_bootstrap_with_metadata(failure: Failure) -> bool:
    """Chronon hashes a bootstrap part with metadata otherwise at the first call than at the next ones."""
    return "Bootstrap table contains out-of-date metadata" in failure.error


EXPLANATIONS = (
    Explanation(id="ties of time", kind=Kind.DIFFERS, of_cell=rules.is_tie_of_time),
    Explanation(id="tail at the batch end", kind=Kind.DIFFERS, of_cell=rules.is_tail_at_batch_end),
    Explanation(id="rounded sums", kind=Kind.DIFFERS, of_cell=rules.is_rounded_sum),
    Explanation(id="distinct counts", kind=Kind.DIFFERS, of_cell=rules.is_estimate_of_distinct),
    Explanation(id="percentiles", kind=Kind.DIFFERS, of_cell=rules.is_estimate_of_percentiles),
    Explanation(id="frequent values", kind=Kind.DIFFERS, of_cell=rules.is_sketch_of_frequent),
    Explanation(id="NaN among the least", kind=Kind.DIFFERS, of_cell=rules.is_nan_among_least),
    Explanation(id="null key of a map", kind=Kind.DIFFERS, of_cell=rules.is_null_key_of_map),
    Explanation(id="empty maps", kind=Kind.DIFFERS, of_cell=rules.is_empty_map),
    Explanation(id="keys run together", kind=Kind.DIFFERS, of_cell=rules.is_key_run_together),
    Explanation(id="null in a key", kind=Kind.DIFFERS, of_cell=rules.is_null_in_key),
    Explanation(id="one moment on two days", kind=Kind.DIFFERS, of_cell=rules.is_moment_on_two_days),
    Explanation(id="rows of a snapshot", kind=Kind.DIFFERS, of_cell=rules_of_rows.is_one_row_of_snapshot),
    Explanation(id="event of 1970", kind=Kind.DIFFERS, of_cell=rules_of_rows.is_event_of_1970),
    Explanation(id="row off its day", kind=Kind.DIFFERS, of_cell=rules_of_rows.is_off_its_day),
    Explanation(id="bytes by identity", kind=Kind.DIFFERS, of_cell=rules_of_rows.is_bytes_by_identity),
    Explanation(id="change taken back", kind=Kind.DIFFERS, of_cell=rules_of_entities.is_not_taken_back),
    Explanation(id="row taken back", kind=Kind.DIFFERS, of_cell=rules_of_fetching.is_not_taken_back),
    Explanation(id="emptied group", kind=Kind.DIFFERS, of_cell=rules_of_fetching.is_emptied_group),
    Explanation(id="row of the future", kind=Kind.DIFFERS, of_cell=rules_of_fetching.is_row_of_the_future),
    Explanation(id="emptied bucket", kind=Kind.DIFFERS, of_cell=rules_of_entities.is_emptied_bucket),
    Explanation(id="window of a change", kind=Kind.DIFFERS, of_cell=rules_of_entities.is_window_of_first_query),
    Explanation(id="skewed keys", kind=Kind.DIFFERS, of_cell=rules.is_skewed_key),
    Explanation(id="last day of a parent", kind=Kind.DIFFERS, of_cell=rules.is_last_day_of_parent),
    Explanation(id="left row without a time", kind=Kind.DIFFERS, of_cell=rules.is_left_without_time),
    Explanation(id="unknown entity", kind=Kind.DIFFERS, of_cell=rules_of_fetching.is_unknown_entity),
    Explanation(id="request refused", kind=Kind.DIFFERS, of_cell=rules_of_fetching.is_request_refused),
    Explanation(id="part that failed", kind=Kind.DIFFERS, of_cell=rules_of_fetching.is_failed_part),
    Explanation(id="snapshot in the past", kind=Kind.DIFFERS, of_cell=rules_of_fetching.is_snapshot_in_the_past),
    Explanation(id="form of states", kind=Kind.DIFFERS, of_cell=rules_of_fetching.is_state),
    Explanation(id="two features of one name", kind=Kind.REFUSED, of_refusal=_coded("CHR-V015", "CHR-S017")),
    Explanation(id="window of no length", kind=Kind.REFUSED, of_refusal=_has_empty_window),
    Explanation(id="snapshot window in hours", kind=Kind.REFUSED, of_refusal=_coded("CHR-V011", says="snapshot")),
    Explanation(id="bucket that is no string", kind=Kind.REFUSED, of_refusal=_coded("CHR-V012")),
    Explanation(id="column that stands twice", kind=Kind.REFUSED, of_refusal=_coded("CHR-V024")),
    Explanation(
        id="histogram that keeps nothing",
        kind=Kind.REFUSED,
        of_refusal=_coded("CHR-W002", "CHR-V010", says="approx_histogram_k("),
    ),
    Explanation(id="changes that nobody tells", kind=Kind.REFUSED, of_refusal=_coded("CHR-V017")),
    Explanation(id="percentile without arguments", kind=Kind.WORKS, of_failure=_is_percentile_without_arguments),
    Explanation(id="histogram of numbers", kind=Kind.WORKS, of_failure=_is_histogram_of_numbers),
    Explanation(id="element by element", kind=Kind.WORKS, of_failure=_is_element_by_element),
    Explanation(id="key that is a date", kind=Kind.WORKS, of_failure=_is_date_key),
    Explanation(id="increment without a window", kind=Kind.WORKS, of_failure=_is_half_windowed_increment),
    Explanation(id="left without a time", kind=Kind.WORKS, of_failure=_is_left_without_time),
    Explanation(id="event without a time", kind=Kind.WORKS, of_failure=_is_event_without_time),
    Explanation(id="bootstrap with metadata", kind=Kind.WORKS, of_failure=_is_bootstrap_with_metadata),
    Explanation(id="labels by other ids", kind=Kind.WORKS, of_failure=_is_label_by_other_ids),
    Explanation(id="cumulative events", kind=Kind.NOT_OFFERED),
    Explanation(id="derivations over ds", kind=Kind.NOT_OFFERED),
    Explanation(id="external parts", kind=Kind.NOT_OFFERED),
    Explanation(id="group_by by itself", kind=Kind.NOT_OFFERED),
    Explanation(id="group_by derivations", kind=Kind.NOT_OFFERED),
)

BY_ID = {one.id: one for one in EXPLANATIONS}


def explain_cell(cell: Cell, evidence: Evidence) -> Explanation | None:
    """The first rule that accounts for a difference."""
    rows = (one for one in EXPLANATIONS if one.of_cell is not None and one.of_cell(cell, evidence))
    return next(rows, None)


def explain_refusal(refusal: Refusal) -> Explanation | None:
    """The rule that says why something is refused."""
    return next((one for one in EXPLANATIONS if one.of_refusal is not None and one.of_refusal(refusal)), None)


def explain_failure(failure: Failure) -> Explanation | None:
    """The rule that says why ours works where Chronon's job fails."""
    return next((one for one in EXPLANATIONS if one.of_failure is not None and one.of_failure(failure)), None)
