"""What work takes, in words: rows, bytes, partitions, time, and from what that is told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from chronon.cli.views.words import plural, seconds_text, size_text
from chronon.model.plan import Plan, Step, StepId
from chronon.model.sizes import Duration, Estimate, Expected, Run, Size, total
from chronon.schemas.wire import from_json

_EXACT = 100_000
"""Counts below are told to the last digit."""


def count_text(count: int) -> str:
    """`1,204`, `1.2 M`: a count for people."""
    if count < _EXACT:
        return f"{count:,}"
    value = count / 1000
    for unit in ("k", "M", "G"):
        if value < 1000:
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} T"


def expected_text(expected: Expected) -> str:
    """`60 rows, 1.2 kB`; what nobody knows is left out, and all of it a dash."""
    rows = [] if expected.rows is None else ["1 row" if expected.rows == 1 else f"{count_text(expected.rows)} rows"]
    weight = [size_text(expected.bytes)] if expected.bytes else []
    return ", ".join([*rows, *weight]) or "-"


def duration_text(duration: Duration | None) -> str:
    """`0.4 s / 0.9 s`: half of all runs, and nine of ten, are done by then; a dash without an earlier run."""
    return "-" if duration is None else f"{_time(duration.p50)} / {_time(duration.p90)}"


def estimates_of(plan: Plan) -> list[Estimate]:
    """Of the steps that have one."""
    return [step.estimate for step in plan.steps if step.estimate is not None]


def size_line(plan: Plan) -> str:
    """The sum over all steps in one line; empty where nobody has looked."""
    found = estimates_of(plan)
    if not found:
        return ""
    read, written = _sum(each.read for each in found), _sum(each.written for each in found)
    of = f" of {plural(read[0].partitions, 'partition')}" if read[0].partitions else ""
    parts = [f"reads {_told(read)}{of}", f"writes {_told(written)}", _times(found)]
    return " · ".join(parts)


def step_size(step: Step) -> str:
    """One step in one line; empty where nobody has looked."""
    found = step.estimate
    if found is None:
        return ""
    partitions = f" of {plural(found.read.partitions, 'partition')}" if found.read.partitions else ""
    into = f" into {plural(found.written.partitions, 'partition')}" if found.written.partitions else ""
    time = f", takes {duration_text(found.duration)} (p50 / p90)" if found.duration else ""
    reads, writes = expected_text(found.read), expected_text(found.written)
    return f"reads {reads}{partitions}, writes {writes}{into}{time}: from {found.basis}"


def foretold_by(plan_json: str) -> dict[StepId, Estimate]:
    """Step → what a recorded plan told of it; nothing of plans of earlier formats."""
    steps = json.loads(plan_json)["steps"]
    return {
        StepId(each["id"]): from_json(json.dumps(each["estimate"]), Estimate) for each in steps if each.get("estimate")
    }


def foretold_of(plan: Plan) -> dict[StepId, Estimate]:
    """Step → what a plan tells of it."""
    return {step.id: step.estimate for step in plan.steps if step.estimate is not None}


def against(foretold: Mapping[StepId, Estimate], runs: Mapping[StepId, Run]) -> list[str]:
    """What steps took beside what was told before, as far as both are known."""
    pairs = [(foretold[step], run) for step, run in runs.items() if step in foretold]
    if not pairs:
        return []
    read = total(run.read for _, run in pairs)
    lines = [f"read {_size(read)}, foretold {_told(_sum(estimate.read for estimate, _ in pairs))}"]
    timed = [(estimate.duration, run.seconds) for estimate, run in pairs if estimate.duration is not None]
    if timed:
        whole = _total(duration for duration, _ in timed)
        took = sum(seconds for _, seconds in timed)
        steps = "" if len(timed) == len(pairs) else f" for {len(timed)} of {plural(len(pairs), 'step')}"
        lines.append(f"took {seconds_text(took)}{steps}, foretold {duration_text(whole)} (p50 / p90)")
    return lines


def against_plain(foretold: Mapping[StepId, Estimate], runs: Mapping[StepId, Run]) -> dict[str, object]:
    """The same for JSON: sums over the steps of which both are known."""
    pairs = [(foretold[step], run) for step, run in runs.items() if step in foretold]
    durations = [estimate.duration for estimate, _ in pairs if estimate.duration is not None]
    whole = _total(durations) if durations else None
    read = total(run.read for _, run in pairs)
    known, _ = _sum(estimate.read for estimate, _ in pairs)
    return {
        "steps": len(pairs),
        "read": {"rows": read.rows, "bytes": read.bytes},
        "seconds": round(sum(run.seconds for _, run in pairs), 3),
        "foretold": {
            "read": {"rows": known.rows, "bytes": known.bytes},
            "timed_steps": len(durations),
            "p50_ms": whole.p50 if whole else None,
            "p90_ms": whole.p90 if whole else None,
        },
    }


def _size(size: Size) -> str:
    return expected_text(Expected(rows=size.rows, bytes=size.bytes))


def _time(milliseconds: int) -> str:
    return seconds_text(milliseconds / 1000)


def _sum(found: Iterable[Expected]) -> tuple[Expected, bool]:
    """All that is known of it, and whether that is everything."""
    listed = list(found)
    rows = [each.rows for each in listed if each.rows is not None]
    weights = [each.bytes for each in listed if each.bytes is not None]
    partitions = sum(each.partitions for each in listed)
    known = Expected(rows=sum(rows) if rows else None, bytes=sum(weights) if weights else None, partitions=partitions)
    return known, len(rows) == len(listed)


def _told(found: tuple[Expected, bool]) -> str:
    text = expected_text(found[0])
    return text if found[1] or text == "-" else f"at least {text}"


def _times(found: Sequence[Estimate]) -> str:
    timed = [each.duration for each in found if each.duration is not None]
    if not timed:
        return (
            "no time told: earlier runs are too small"
            if any(each.runs for each in found)
            else "no earlier run: no time told"
        )
    steps = "" if len(timed) == len(found) else f" for {len(timed)} of {plural(len(found), 'step')}"
    runs = sum(each.runs for each in found)
    return f"takes {duration_text(_total(timed))} (p50 / p90){steps}, told from {plural(runs, 'earlier run')}"


def _total(durations: Iterable[Duration]) -> Duration:
    """See `total_of`. A plan without work does not wait for planners to be imported."""
    from chronon.planners.durations import total_of

    return total_of(durations)
