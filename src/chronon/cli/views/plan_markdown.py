"""A plan as a comment on a change: what decides stands in the head, which always fits; details are folded and cut from the bottom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chronon.cli.keeping import NOTHING_ASIDE, Aside
from chronon.cli.views.plan_drift import cell, drift_rows
from chronon.cli.views.plan_parts import (
    approvals_needed,
    axes_words,
    by_danger,
    danger_counts,
    headline,
    idle,
    nothing,
    readers_notice,
    work_counts,
    work_of,
)
from chronon.cli.views.sizes import size_line
from chronon.cli.views.streams import stream_rows
from chronon.cli.views.words import folded, plural
from chronon.model.names import ObjectId
from chronon.model.plan import Change, Gate, Plan

BUDGET = 60_000
"""Characters: code hosts cut comments a little above."""

_CHANGES_SHOWN = 10
_NAMES_SHOWN = 12
_SUMMARY, _ROW = 400, 2_000
"""Characters of a summary, and of a row of changes: ten of them take a third of the budget."""

_SHORTENED = "_Shortened: `chronon plan -v` shows everything._"
_HANDLE = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:/[A-Za-z0-9._-]+)?")
"""Somebody, or a team, whom a code host tells of a comment that names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A table of details. summary: folded under it; None stands open."""

    columns: tuple[str, ...]
    rows: Sequence[str]
    summary: str | None = None
    right: frozenset[int] = frozenset()


def plan_markdown(
    plan: Plan,
    *,
    budget: int = BUDGET,
    aside: Aside = NOTHING_ASIDE,
    apply_with: str | None = None,
    approve_with: str | None = None,
) -> str:
    """The plan as Markdown of at most `budget` characters; the first line marks the comment for updates in place.

    aside: what is said besides. …_with: the commands that follow, if they are told.
    """
    head = [_mark(plan), f"### Plan `{plan.id}`", *_paragraphs(_head(plan, aside))]
    foot = [] if plan.is_empty else _paragraphs(_commands(plan, apply_with, approve_with))
    room = budget - sum(len(line) + 1 for line in (*head, *foot))
    details = _fitting(_details(plan, aside), room)
    return "".join(f"{line}\n" for line in (*head, *details, *foot))


def _mark(plan: Plan) -> str:
    """Tells the comments of several environments apart. What would end it cannot stand in it."""
    return f"<!-- chronon-plan {re.sub('[<>]|--', '_', plan.environment)} -->"


def _paragraphs(texts: Iterable[str]) -> list[str]:
    return [line for text in texts if text for line in ("", text)]


def _head(plan: Plan, aside: Aside) -> list[str]:
    """What decides. Its length does not grow with the plan."""
    notice = "**Values that are read today change or go away: look at these first.**" if readers_notice(plan) else ""
    worst = [change for changes in by_danger(plan.changes).values() for change in changes][:_CHANGES_SHOWN]
    table = _whole(_changes_table(worst, plan.gates)) if worst else ""
    kept = f"What is removed is {_sentence(aside.kept)}." if aside.kept else ""
    return [
        _verdict(plan),
        notice,
        _sentence(headline(plan)),
        size_line(plan),
        _streams_counted(plan),
        _sentence(aside.beside),
        _names("Excluded, as it cannot be computed, or goes along with what cannot", plan.excluded),
        _names("Not selected, stays as deployed", plan.left_out),
        table,
        kept,
    ]


def _details(plan: Plan, aside: Aside) -> list[_Table]:
    ordered = [change for changes in by_danger(plan.changes).values() for change in changes]
    rest = ordered[_CHANGES_SHOWN:]
    more = [_changes_table(rest, plan.gates, f"{plural(len(rest), 'change')} more")] if rest else []
    return [*_drift(plan), *more, *_streams(plan), *_work(plan), *_gaps(plan), *_beside(aside)]


def _commands(plan: Plan, apply_with: str | None, approve_with: str | None) -> list[str]:
    approve = f"approve with `{approve_with}`" if plan.gates and approve_with else ""
    return [" · ".join(filter(None, (approve, f"apply with `{apply_with}`" if apply_with else "")))]


def _fitting(tables: Sequence[_Table], room: int) -> list[str]:
    """The tables that fit; of the first one that does not, the rows that do. A line says so then."""
    lines: list[str] = []
    room -= len(_SHORTENED) + 2
    for table in tables:
        text, is_whole = _cut(table, room - 2)
        lines += ["", text] if text else []
        room -= len(text) + 2
        if not is_whole:
            return [*lines, "", _SHORTENED]
    return lines


def _cut(table: _Table, room: int) -> tuple[str, bool]:
    """A table with as many of its rows as there is room for, and whether those are all; empty where none is."""
    whole = _whole(table)
    if len(whole) <= room:
        return whole, True
    left, shown = room - len(_render(table, ())) - len(_more(len(table.rows))), 0
    for row in table.rows:
        left -= len(row) + 1
        if left < 0:
            break
        shown += 1
    return (_render(table, table.rows[:shown], _more(len(table.rows) - shown)) if shown else ""), False


def _whole(table: _Table) -> str:
    return _render(table, table.rows)


def _more(count: int) -> str:
    return f"\n\n_and {count:,} more_"


def _render(table: _Table, rows: Sequence[str], more: str = "") -> str:
    rules = ["--:" if place in table.right else "---" for place in range(len(table.columns))]
    body = "\n".join([f"| {' | '.join(table.columns)} |", f"|{'|'.join(rules)}|", *rows]) + more
    return body if table.summary is None else f"<details><summary>{table.summary}</summary>\n\n{body}\n\n</details>"


def _verdict(plan: Plan) -> str:
    if plan.is_empty:
        return f"**{nothing(plan)}**"
    steps = work_counts(plan) if plan.steps else idle(plan)
    changes = f"**{danger_counts(plan.changes) or 'no definition changed'}**{approvals_needed(plan, _mention)}"
    return f"{changes} · {plural(plan.untouched, 'object')} untouched · {steps}"


def _mention(owner: str) -> str:
    """An owner who is told: a handle as it is, so that the code host tells them; anything else as text."""
    return owner if _HANDLE.fullmatch(owner) else cell(owner)


def _changes_table(changes: Sequence[Change], gates: Sequence[Gate], summary: str | None = None) -> _Table:
    """Changes with the columns that they touch. A row that would take much of the room leaves these to `plan -v`."""
    asked = {gate.object: folded(list(map(cell, gate.owners)), _NAMES_SHOWN) or "anybody" for gate in gates}
    is_gated = any(change.id in asked for change in changes)
    rows = []
    for change in changes:
        last = f" {asked.get(change.id, '')} |" if is_gated else ""
        row = f"{_change(change, _columns(change))}{last}"
        rows.append(row if len(row) <= _ROW else f"{_change(change, [])}{last}")
    columns = ("", "object", "what", "where", *(["approval of"] if is_gated else []))
    return _Table(columns=columns, rows=rows, summary=summary)


def _change(change: Change, columns: Sequence[str]) -> str:
    summary = change.summary if len(change.summary) <= _SUMMARY else f"{change.summary[:_SUMMARY]}…"
    what = "<br>".join([f"{cell(summary)} ({change.reason})", axes_words(change.axes), *columns])
    return f"| {change.danger.value} | {change.id.kind} `{change.id}` | {what} | `{change.span}` |"


def _columns(change: Change) -> list[str]:
    columns = [
        f"{sign} {folded([f'`{name}`' for name in names], _NAMES_SHOWN)}"
        for sign, names in (("−", change.removed), ("~", change.changed), ("+", change.added))
        if names
    ]
    return [*columns, *([f"hint: {cell(change.hint)}"] if change.hint else [])]


def _streams_counted(plan: Plan) -> str:
    """`Streams: 1 keep, 2 replay`: the verdicts by number; empty when no stream is touched."""
    counted = Counter(each.verdict.value for each in plan.streams)
    return f"Streams: {', '.join(f'{count} {verdict}' for verdict, count in counted.items())}" if counted else ""


def _streams(plan: Plan) -> list[_Table]:
    if not plan.streams:
        return []
    rows = [f"| {' | '.join(map(cell, row))} |" for row in stream_rows(plan.streams)]
    summary = f"Streams: {plural(len(plan.streams), 'verdict')}"
    return [_Table(columns=("stream of", "topic", "verdict", "why"), rows=rows, summary=summary)]


def _work(plan: Plan) -> list[_Table]:
    if not plan.steps:
        return []
    rows = [
        f"| {number} | {row.kind} | `{row.object}` | {len(row.columns)} | {row.range} | {row.read} | {row.written} | {row.takes} | {cell(row.reason)} |"
        for number, row in enumerate(work_of(plan), start=1)
    ]
    columns = ("#", "step", "for", "columns", "days", "reads", "writes", "takes (p50 / p90)", "what, and why")
    return [_Table(columns=columns, rows=rows, summary=f"Work: {work_counts(plan)}", right=frozenset({0, 3, 5, 6, 7}))]


def _gaps(plan: Plan) -> list[_Table]:
    if not plan.gaps:
        return []
    rows = [f"| `{gap.id}` | `{gap.table}` | {gap.days} | {cell(gap.hint)} |" for gap in plan.gaps]
    summary = f"Not planned: {plural(len(plan.gaps), 'gap')} in the inputs"
    return [_Table(columns=("object", "table", "days", ""), rows=rows, summary=summary)]


def _beside(aside: Aside) -> list[_Table]:
    """Every object that is not the same in prod."""
    if not aside.differing:
        return []
    rows = [f"| {identity.kind} `{identity}` | {how} |" for identity, how in aside.differing]
    summary = f"Beside prod: {plural(len(rows), 'object')} that are not the same"
    return [_Table(columns=("object", ""), rows=rows, summary=summary)]


def _drift(plan: Plan) -> list[_Table]:
    """What is not as declared stands open when something is excluded for it; the rest is folded."""
    columns = ("", "found", "for", "where", "what follows")
    tables = []
    if plan.upstream:
        summary = f"Upstream: {plural(len(plan.upstream), 'finding')} in the tables that are read"
        open_or_not = None if plan.excluded else summary
        tables.append(_Table(columns=columns, rows=drift_rows(plan.upstream), summary=open_or_not))
    if plan.drift:
        summary = f"Drift: {plural(len(plan.drift), 'finding')} in what was made"
        tables.append(_Table(columns=columns, rows=drift_rows(plan.drift), summary=summary))
    return tables


def _names(what: str, identities: Sequence[ObjectId]) -> str:
    names = folded([f"{one.kind} `{one}`" for one in identities], _NAMES_SHOWN)
    return f"**{what}**: {names}" if names else ""


def _sentence(text: str) -> str:
    """A line of ours with commands in it: what a user has named in it brings no markup and no mention."""
    for sign, escaped in (("&", "&amp;"), ("<", "&lt;"), ("\n", " "), ("@", "@\u200b")):
        text = text.replace(sign, escaped)
    return text
