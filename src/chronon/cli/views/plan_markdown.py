"""A plan as a comment on a change: the head always fits, details are folded and dropped from the bottom."""

from __future__ import annotations

from collections.abc import Sequence

from chronon.cli.views.plan_drift import cell, drift_rows
from chronon.cli.views.plan_parts import (
    approvals_needed,
    axes_words,
    by_danger,
    danger_counts,
    headline,
    idle,
    nothing,
    work_counts,
    work_of,
)
from chronon.cli.views.sizes import size_line
from chronon.cli.views.streams import stream_rows
from chronon.cli.views.words import folded, plural
from chronon.model.plan import Change, Plan

BUDGET = 60_000
"""Characters: code hosts cut comments a little above."""

_MARK = "<!-- chronon-plan -->"
_CHANGES_SHOWN = 10
_COLUMNS_SHOWN = 12


def plan_markdown(plan: Plan, *, budget: int = BUDGET) -> str:
    """The plan as Markdown of at most `budget` characters; the first line marks the comment for updates in place."""
    head = [_MARK, f"### Plan `{plan.id}`", "", _verdict(plan), "", headline(plan)]
    head += ["", size] if (size := size_line(plan)) else []
    rest = [] if plan.is_empty else [*_changes(plan), *_streams(plan), *_work(plan)]
    text = "\n".join(
        [
            *head,
            *_fitting(
                [*_drift(plan), *rest, *_gaps(plan), *_left_out(plan)], budget - sum(len(line) + 1 for line in head)
            ),
        ]
    )
    return f"{text}\n"


def _fitting(blocks: Sequence[str], budget: int) -> list[str]:
    """The blocks that fit, and a line that says so when others do not."""
    kept: list[str] = []
    note = "\n_Shortened: `chronon plan -v` shows everything._"
    room = budget - len(note) - 2
    for block in blocks:
        room -= len(block) + 2
        if room < 0:
            return [*kept, note]
        kept += ["", block]
    return kept


def _verdict(plan: Plan) -> str:
    if plan.is_empty:
        return f"**{nothing(plan)}**"
    steps = work_counts(plan) if plan.steps else idle(plan)
    changes = f"**{danger_counts(plan.changes) or 'no definition changed'}**{approvals_needed(plan)}"
    return f"{changes} · {plural(plan.untouched, 'object')} untouched · {steps}"


def _changes(plan: Plan) -> list[str]:
    ordered = [change for changes in by_danger(plan.changes).values() for change in changes]
    if not ordered:
        return []
    rows = ["| | object | what | where |", "|---|---|---|---|"]
    rows += [_change(change) for change in ordered[:_CHANGES_SHOWN]]
    blocks = ["\n".join(rows)]
    if rest := ordered[_CHANGES_SHOWN:]:
        more = "\n".join(["| | object | what | where |", "|---|---|---|---|", *map(_change, rest)])
        blocks.append(_details(f"{plural(len(rest), 'change')} more", more))
    return blocks


def _change(change: Change) -> str:
    columns = [
        f"{sign} {folded([f'`{name}`' for name in names], _COLUMNS_SHOWN)}"
        for sign, names in (("−", change.removed), ("~", change.changed), ("+", change.added))
        if names
    ]
    hint = [f"hint: {cell(change.hint)}"] if change.hint else []
    what = "<br>".join([f"{cell(change.summary)} ({change.reason})", axes_words(change.axes), *columns, *hint])
    return f"| {change.danger.value} | {change.id.kind} `{change.id}` | {what} | `{change.span}` |"


def _work(plan: Plan) -> list[str]:
    if not plan.steps:
        return []
    rows = ["| # | step | for | columns | days | reads | writes | what, and why |", "|--:|---|---|--:|---|--:|--:|---|"]
    rows += [
        f"| {number} | {row.kind} | `{row.object}` | {len(row.columns)} | {row.range} | {row.read} | {row.written} | {cell(row.reason)} |"
        for number, row in enumerate(work_of(plan), start=1)
    ]
    return [_details(f"Work: {work_counts(plan)}", "\n".join(rows))]


def _streams(plan: Plan) -> list[str]:
    if not plan.streams:
        return []
    rows = ["| stream of | topic | verdict | why |", "|---|---|---|---|"]
    rows += ["| " + " | ".join(cell(text) for text in row) + " |" for row in stream_rows(plan.streams)]
    return [_details(f"Streams: {plural(len(plan.streams), 'verdict')}", "\n".join(rows))]


def _gaps(plan: Plan) -> list[str]:
    if not plan.gaps:
        return []
    rows = ["| object | table | days | |", "|---|---|---|---|"]
    rows += [f"| `{gap.id}` | `{gap.table}` | {gap.days} | {cell(gap.hint)} |" for gap in plan.gaps]
    return [_details(f"Not planned: {plural(len(plan.gaps), 'gap')} in the inputs", "\n".join(rows))]


def _details(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _drift(plan: Plan) -> list[str]:
    """What is not as declared stands open when something is excluded for it; the rest is folded."""
    head = ["| | found | for | where | what follows |", "|---|---|---|---|---|"]
    blocks = []
    if plan.excluded:
        names = folded([f"{one.kind} `{one}`" for one in plan.excluded], _COLUMNS_SHOWN)
        blocks.append(f"**Excluded**, as it cannot be computed, or goes along with what cannot: {names}")
    if plan.upstream:
        body = "\n".join([*head, *drift_rows(plan.upstream)])
        summary = f"Upstream: {plural(len(plan.upstream), 'finding')} in the tables that are read"
        blocks.append(body if plan.excluded else _details(summary, body))
    if plan.drift:
        body = "\n".join([*head, *drift_rows(plan.drift)])
        blocks.append(_details(f"Drift: {plural(len(plan.drift), 'finding')} in what was made", body))
    return blocks


def _left_out(plan: Plan) -> list[str]:
    if not plan.left_out:
        return []
    names = folded([f"`{one}`" for one in plan.left_out], _COLUMNS_SHOWN)
    return [f"**Not selected**, stay as deployed: {names}"]
