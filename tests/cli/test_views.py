"""Small views: words, findings, rows, progress, summaries."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from chronon.cli.terminal import Paint, printable
from chronon.cli.views.annotations import github_lines
from chronon.cli.views.applied import applied_text
from chronon.cli.views.diagnostics import counts, diagnostic_lines
from chronon.cli.views.progress import Events, Lines, Live, Tally, made
from chronon.cli.views.rows import row_lines, rows_json
from chronon.cli.views.words import aligned, folded, plural, seconds_text, size_text
from chronon.model.dayset import DaySet
from chronon.model.definitions import Join, Part, Rows
from chronon.model.diagnostics import Diagnostic, Severity, Span
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, Fragment, LeftJob, Streamed, Upload
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.plan import Plan, PlanId, Step, StepId
from chronon.model.specs import SourceKind
from chronon.model.state import Snapshot
from chronon.model.time import Day
from chronon.runners.apply import Applied
from chronon.schemas.wire import to_json

JOIN = ObjectId(Kind.JOIN, ObjectName("delays", "departure"))
FILES = tuple(
    Fragment(left=Digest("a"), day=Day(day), columns=((Digest("a"), "x"),), path="p", rows=600, bytes=1_200)
    for day in (1, 2)
)


def a_join() -> Join:
    rows = Rows(kind=SourceKind.EVENTS, table="a.b", columns=(), selects=())
    group_by = ObjectId(Kind.GROUP_BY, ObjectName("airlines", "tail"))
    keys = ({"number": "tailnum"}, {"carrier": "carrier"}, {"tail": "tailnum"})
    parts = tuple(Part(group_by=group_by, keys=pairs, prefix=f"p{place}") for place, pairs in enumerate(keys))
    return Join(id=JOIN, left=rows, parts=parts, derivations=(), outputs=(), online=True, start=None)


def a_step() -> Step:
    rows = Rows(kind=SourceKind.EVENTS, table="a.b", columns=(), selects=())
    job = LeftJob(left=Digest("a"), rows=rows, days=DaySet.span(15_706, 15_707))
    return Step(id=StepId("s1"), object=JOIN, job=job, needs=(), reason="why")


def a_finding(**changed: object) -> Diagnostic:
    fields = {
        "code": "CHR-V001",
        "span": Span("teams/a,b.yaml", 3, 7),
        "message": "100 % wrong\nindeed",
        "hint": "fix it",
    }
    return Diagnostic(**{**fields, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(("count", "text"), [(0, "0 days"), (1, "1 day"), (2, "2 days"), (1_204, "1,204 days")])
def test_plural_when_not_one_then_has_an_s(count: int, text: str) -> None:
    assert plural(count, "day") == text


def test_folded_when_longer_than_the_limit_then_counts_the_rest() -> None:
    assert folded(["a", "b", "c"], 2) == "a, b and 1 more"
    assert folded(["a", "b"], 2) == "a, b"
    assert folded(["a", "b", "c"], None) == "a, b, c"


def test_aligned_when_cells_differ_then_columns_line_up() -> None:
    assert aligned([("a", "1", "x"), ("bb", "22", "")], right=(1,)) == ["a    1  x", "bb  22"]


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (812, "812 B"), (1_400, "1.4 kB"), (250_000, "250 kB"), (3 * 10**15, "3,000.0 TB")]
)
def test_size_when_large_then_has_a_larger_unit(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.42, "0.4 s"), (59.9, "59.9 s"), (200, "3 min 20 s")])
def test_seconds_when_over_a_minute_then_says_minutes(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_printable_when_text_drives_a_terminal_then_is_escaped() -> None:
    assert printable("a\x1b[31m\u202eb\tü") == "a\\x1b[31m\\u202eb\\tü"


def test_finding_when_shown_then_has_place_code_message_and_hint() -> None:
    assert diagnostic_lines([a_finding()]) == [
        "teams/a,b.yaml:3:7: error CHR-V001 100 % wrong\\nindeed",
        "    hint: fix it",
    ]


def test_annotation_when_text_has_special_signs_then_they_are_encoded() -> None:
    (line,) = github_lines([a_finding()])

    assert line == ("::error file=teams/a%2Cb.yaml,line=3,col=7,title=CHR-V001::100 %25 wrong%0Aindeed (fix it)")


def test_annotations_when_cut_by_the_host_then_errors_stand_first() -> None:
    found = [a_finding(severity=Severity.WARNING), a_finding(hint="")]

    assert [line.split(" ")[0] for line in github_lines(found)] == ["::error", "::warning"]


def test_annotations_when_there_are_many_then_ten_of_a_level_are_shown_and_the_rest_is_counted() -> None:
    found = [a_finding(span=Span("a.yaml", line)) for line in range(1, 13)]
    found += [a_finding(span=Span("a.yaml", line), severity=Severity.WARNING) for line in range(1, 12)]

    lines = github_lines(found)

    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 10 + ["::warning"] * 10 + ["2"]
    assert lines[-1].startswith("2 more errors, 1 more warning not shown here: ")


def test_counts_when_there_are_both_then_says_both() -> None:
    assert counts([a_finding(), a_finding(severity=Severity.WARNING)]) == "1 error, 1 warning"
    assert counts([]) == "no findings"


def test_rows_when_shown_then_columns_are_lines_and_long_values_are_cut() -> None:
    rows = [{"ds": "2024-01-05", "ts": 1_704_412_800_000, "x": None, "list": ["a" * 40]}]

    lines = row_lines(rows)

    assert lines[:3] == ["ds    2024-01-05", "ts    2024-01-05T00:00:00Z", "x     -"]
    assert lines[3].endswith("…")


def test_rows_when_written_as_json_then_what_json_lacks_is_null() -> None:
    rows = [{"nan": math.nan, "inf": [math.inf, 0.1], "bytes": b"\x01", "map": {"k": 1}}]

    assert json.loads(rows_json(rows)) == [{"nan": None, "inf": [None, 0.1], "bytes": "AQ==", "map": {"k": 1}}]


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (FILES, "1,200 rows in 2 files, 2.4 kB"),
        (Upload(dataset=Digest("d"), day=Day(1), generation="g", keys=1, bytes=10), "1 key, 10 B"),
        (
            Streamed(topic="t", since=Day(1), datasets=(), events=7, tiles=2, late=1),
            "7 events in 2 tiles, 1 late",
        ),
    ],
)
def test_output_when_shown_then_says_how_much(output: tuple[Fragment, ...] | Upload | Streamed, text: str) -> None:
    assert made(output) == text


def test_lines_when_a_step_runs_then_says_what_and_how_much(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Lines(Paint())

    shown.started(a_step(), 1, 3)
    shown.progress(a_step(), "half")
    shown.finished(a_step(), FILES, 0.4)

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "[1/3] left rows delays.departure (2013-01-01 .. 2013-01-02)\n"
        "[1/3] done in 0.4 s: 1,200 rows in 2 files, 2.4 kB\n"
    )


def test_lines_when_steps_run_beside_each_other_then_each_keeps_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    shown, other = Lines(Paint()), replace(a_step(), id=StepId("s2"))

    shown.started(a_step(), 1, 3)
    shown.started(other, 2, 3)
    shown.retried(a_step(), ChrononError("CHR-K017", "busy", "wait"), 2, 1.25)
    shown.finished(other, FILES, 0.4)
    shown.started(replace(a_step(), id=StepId("s3")), 3, 3)
    shown.finished(other, FILES, 0.4)
    shown.failed(a_step(), ChrononError("CHR-K017", "busy", "wait"))

    said = capsys.readouterr().err.splitlines()
    assert said[2:] == [
        "[1/3] tried again in 1.2 s, attempt 2: CHR-K017 busy (wait)",
        "[2/3] done in 0.4 s: 1,200 rows in 2 files, 2.4 kB",
        "[3/3] left rows delays.departure (2013-01-01 .. 2013-01-02)",
        "[2/3] done in 0.4 s: 1,200 rows in 2 files, 2.4 kB · left rows delays.departure (2013-01-01 .. 2013-01-02)",
        "[1/3] failed: left rows delays.departure (2013-01-01 .. 2013-01-02)",
    ]


def test_live_view_has_a_line_for_each_running_step_with_its_attempt() -> None:
    from rich.progress import Progress

    lines = Progress(disable=True)
    shown, other = Live(lines), replace(a_step(), id=StepId("s2"))
    what = "left rows delays.departure (2013-01-01 .. 2013-01-02)"

    shown.started(a_step(), 1, 3)
    shown.started(other, 2, 3)
    shown.progress(other, "2013-01-01")
    both = [(task.description, task.fields["said"]) for task in lines.tasks]
    shown.finished(other, FILES, 0.4)
    shown.retried(a_step(), ChrononError("CHR-K017", "busy"), 2, 1.25)
    shown.started(a_step(), 1, 3)
    again = [task.description for task in lines.tasks]

    assert both == [("0 of 3 steps", ""), (what, ""), (what, "2013-01-01")]
    assert again == ["1 of 3 steps", f"{what} · attempt 2"]


def test_events_when_a_step_runs_then_each_is_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Events()

    shown.started(a_step(), 1, 3)
    shown.progress(a_step(), "half")
    shown.finished(a_step(), FILES, 0.4)
    shown.skipped(a_step())
    shown.retried(a_step(), ChrononError("CHR-K017", "busy"), 2, 1.25)
    shown.failed(a_step(), ChrononError("CHR-R005", "no", "do"))

    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["started", "progress", "finished", "skipped", "retried", "failed"]
    assert {event["step"] for event in events} == {"s1"}
    assert events[0]["object"] == "delays.departure"
    assert events[-1]["code"] == "CHR-R005"


def test_tally_when_steps_end_then_counts_those_of_which_something_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally(Events())

    tally.started(a_step(), 1, 3)
    tally.finished(a_step(), FILES, 0.4)
    tally.skipped(a_step())
    tally.retried(a_step(), ChrononError("CHR-K017", "busy"), 2, 1.25)
    tally.failed(a_step(), ChrononError("CHR-R005", "no"))

    assert (tally.kept, tally.failures) == (2, 1)
    assert len(capsys.readouterr().out.splitlines()) == 5


def a_plan(environment: str) -> Plan:
    """Of one join, with nothing to do."""
    snapshot = Snapshot(
        id=JOIN,
        fingerprint=Digest("f"),
        columns={},
        metadata=Digest("m"),
        definition=to_json(a_join()),
        origin="x.yaml",
    )
    return Plan(
        id=PlanId("p-1"),
        environment=environment,
        base_serial=0,
        as_of=Day(1),
        revision="",
        changes=(),
        gates=(),
        steps=(),
        gaps=(),
        snapshots=(snapshot,),
        untouched=0,
    )


@pytest.mark.parametrize(("environment", "more"), [("prod", ""), ("staging", " --env staging")])
def test_applied_when_told_then_names_what_to_do_next(environment: str, more: str) -> None:
    text = applied_text(a_plan(environment), Applied(done=3, skipped=1, seconds=2.0, served=("delays.departure",)), {})

    assert text.splitlines() == [
        f"applied p-1 to {environment}: 3 steps in 2.0 s, 1 done before",
        f"look at     chronon show delays.departure --rows{more}",
        "serving     delays.departure",
        f"fetch with  chronon fetch delays.departure --keys carrier=…,tailnum=…{more}",
    ]


def test_applied_when_many_objects_are_served_then_the_first_are_named_and_the_others_counted() -> None:
    served = tuple(f"delays.join_{number}" for number in range(2_000))

    text = applied_text(a_plan("prod"), Applied(done=3, skipped=0, seconds=2.0, served=served), {})

    (line,) = (line for line in text.splitlines() if line.startswith("serving"))
    assert line == f"serving     {', '.join(served[:8])} and 1,992 more"
