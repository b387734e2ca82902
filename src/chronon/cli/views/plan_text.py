"""A plan on a terminal: the verdict first, then changes by danger, then the work, then what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from chronon.cli.keeping import NOTHING_ASIDE, Aside
from chronon.cli.terminal import PLAIN, Paint, printable
from chronon.cli.views.plan_drift import DRIFT, UPSTREAM, drift_lines, excluded_lines
from chronon.cli.views.plan_parts import (
    SIGNS,
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
from chronon.cli.views.streams import stream_lines
from chronon.cli.views.words import aligned, folded, plural
from chronon.model.plan import Change, Danger, Plan

_COLUMNS_SHOWN = 6
_STEPS_SHOWN = 30
_GAPS_SHOWN = 10
_WHOLE = frozenset({"CHR-P101", "CHR-P102", "CHR-P103"})
"""Reasons of changes that concern an object as a whole: its columns are listed with -v only."""


def plan_text(
    plan: Plan,
    *,
    paint: Paint = PLAIN,
    verbose: bool = False,
    apply_with: str | None = None,
    approve_with: str | None = None,
    aside: Aside = NOTHING_ASIDE,
) -> str:
    """The plan as lines for people.

    verbose: nothing is folded. …_with: the commands that follow, if they are told. aside: what is said besides.
    """
    lines = [f"{paint.strong(f'PLAN {plan.id}')}  {headline(plan)}", *_verdict(plan, paint)]
    lines += [printable(aside.beside)] if aside.beside else []
    lines += change_lines(plan.changes, paint, verbose=verbose, kept=aside.kept)
    lines += drift_lines(UPSTREAM, plan.upstream, paint, verbose=verbose)
    lines += excluded_lines(plan.excluded, paint, verbose=verbose)
    lines += drift_lines(DRIFT, plan.drift, paint, verbose=verbose)
    lines += stream_lines(plan.streams, paint, verbose=verbose)
    lines += _work(plan, paint, verbose=verbose)
    lines += _gaps(plan, paint, verbose=verbose)
    lines += _left_out(plan, paint, verbose=verbose)
    if apply_with and not plan.is_empty:
        lines += ["", *([f"approve with {approve_with}"] if plan.gates and approve_with else [])]
        lines += [f"apply with   {apply_with}"]
    return "\n".join(lines) + "\n"


def _verdict(plan: Plan, paint: Paint) -> list[str]:
    if plan.is_empty:
        return [paint.strong(nothing(plan))]
    changes = danger_counts(plan.changes) or "no definition changed"
    lines = [
        paint.strong(f"{changes} · {plural(plan.untouched, 'object')} untouched{approvals_needed(plan, printable)}")
    ]
    if readers_notice(plan):
        lines.append(paint.bad("values that are read today change or go away: look at these first"))
    size = size_line(plan)
    return [*lines, work_counts(plan) if plan.steps else idle(plan), *([size] if size else [])]


def change_lines(changed: Sequence[Change], paint: Paint, *, verbose: bool, kept: str = "") -> list[str]:
    """The changes under a headline for each danger. kept: a last line about what is removed."""
    lines = []
    for danger, changes in by_danger(changed).items():
        mark = paint.bad if danger in {Danger.REMOVAL, Danger.SERVING_BREAK} else paint.warn
        lines += ["", (paint.good if danger is Danger.ADDITION else mark)(danger.value.upper())]
        for change in changes:
            lines += _change(change, paint, verbose=verbose)
        lines += [f"    {printable(kept)}"] if kept and danger is Danger.REMOVAL else []
    return lines


def _change(change: Change, paint: Paint, *, verbose: bool) -> list[str]:
    place = paint.faint(f"{printable(str(change.span))}  {change.reason}")
    head = f"{SIGNS[change.danger]} {change.id.kind} {paint.strong(str(change.id))}: {printable(change.summary)}"
    lines = [f"{head}  {place}", *([paint.faint(f"    {axes_words(change.axes)}")] if verbose else [])]
    if change.reason in _WHOLE and not verbose:
        return lines
    for sign, names in (("-", change.removed), ("~", change.changed), ("+", change.added)):
        if names:
            shown = folded(names, None if verbose else _COLUMNS_SHOWN)
            lines.append(f"    {sign} {plural(len(names), 'column')}: {shown}")
    if change.hint:
        lines.append(paint.faint(f"    hint: {printable(change.hint)}"))
    return lines


def _work(plan: Plan, paint: Paint, *, verbose: bool) -> list[str]:
    if not plan.steps:
        return []
    work = work_of(plan)
    shown = work if verbose else work[:_STEPS_SHOWN]
    rows = [("", "step", "for", "columns", "days", "reads", "what, and why")]
    rows += [
        (str(number), row.kind, row.object, str(len(row.columns)), row.range, row.read, row.reason)
        for number, row in enumerate(shown, start=1)
    ]
    lines = aligned(rows, right=(0, 3, 5))
    folding = [f"    and {plural(len(work) - len(shown), 'step')} more: `chronon plan -v`"] if shown != work else []
    return ["", paint.faint(lines[0]), *lines[1:], *folding]


def _gaps(plan: Plan, paint: Paint, *, verbose: bool) -> list[str]:
    if not plan.gaps:
        return []
    shown = plan.gaps if verbose else plan.gaps[:_GAPS_SHOWN]
    lines = ["", paint.warn("NOT PLANNED: days that definitions ask for and their inputs do not have")]
    for gap in shown:
        lines.append(f"? {gap.id.kind} {gap.id}  {gap.table}  {gap.days}")
        lines.append(paint.faint(f"    {printable(gap.hint)}"))
    if len(shown) < len(plan.gaps):
        lines.append(f"    and {plural(len(plan.gaps) - len(shown), 'gap')} more: `chronon plan -v`")
    return lines


def _left_out(plan: Plan, paint: Paint, *, verbose: bool) -> list[str]:
    if not plan.left_out:
        return []
    names = folded([f"{one.kind} {one}" for one in plan.left_out], None if verbose else _COLUMNS_SHOWN)
    told = (
        "1 object that differs stays" if len(plan.left_out) == 1 else f"{len(plan.left_out):,} objects that differ stay"
    )
    head = paint.warn(f"NOT SELECTED: {told} as deployed")
    return ["", head, f"    {names}"]
