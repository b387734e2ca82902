"""One plan, three renderings."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from chronon.cli.keeping import Aside
from chronon.cli.terminal import Paint
from chronon.cli.views.plan_json import plan_json, read_plan
from chronon.cli.views.plan_markdown import BUDGET, plan_markdown
from chronon.cli.views.plan_parts import danger_counts, readers_notice, work_of
from chronon.cli.views.plan_text import plan_text
from chronon.cli.views.words import plural
from chronon.model.dayset import DaySet
from chronon.model.definitions import Column, Feature, GroupBy, Part, Rows, Selected
from chronon.model.diagnostics import Span
from chronon.model.errors import ChrononError
from chronon.model.jobs import (
    ChainedInput,
    DerivationJob,
    Digest,
    FeatureJob,
    Job,
    LeftJob,
    StreamedGroupBy,
    StreamJob,
    UploadJob,
)
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.plan import (
    FORMAT_VERSION,
    Axes,
    Change,
    Danger,
    Drift,
    Gap,
    Plan,
    PlanId,
    ReaderEffect,
    ServingEffect,
    Step,
    StepId,
    ValueEffect,
    gates_of,
)
from chronon.model.sizes import Duration, Estimate, Expected
from chronon.model.specs import Accuracy, OperationCall, SourceKind
from chronon.model.state import Snapshot
from chronon.model.time import MINUTE, Day, Millis
from chronon.model.types import ListOf, Scalar
from chronon.model.verdicts import StreamChange, Verdict

CARRIER = ObjectId(Kind.GROUP_BY, ObjectName("airlines", "carrier"))
DEPARTURE = ObjectId(Kind.JOIN, ObjectName("delays", "departure"), 2)
LEFT = Digest("aa" * 8)
DAYS = DaySet.of([(15_706, 15_711), (15_720, 15_721)])


def a_rows() -> Rows:
    return Rows(
        kind=SourceKind.EVENTS,
        table="airlines.arrivals",
        columns=(Column(name="carrier", type=Scalar.STRING),),
        selects=(Selected(name="carrier", expression="carrier", type=Scalar.STRING, reads=("carrier",)),),
        time=Selected(name="ts", expression="at", type=Scalar.LONG, reads=("at",)),
        start=Day(15_706),
    )


def a_group_by() -> GroupBy:
    quantiles = OperationCall("approx_percentile", (0.5, 1))
    return GroupBy(
        id=CARRIER,
        rows=(a_rows(),),
        keys=(Column(name="carrier", type=Scalar.STRING),),
        features=(
            Feature(
                name="delay_approx_percentile_7d",
                input="delay",
                input_type=Scalar.LONG,
                operation=quantiles,
                window=Millis(7 * 86_400_000),
                type=ListOf(Scalar.DOUBLE),
            ),
            Feature(name="model", input="model", input_type=Scalar.STRING, operation=None, type=Scalar.STRING),
        ),
        accuracy=Accuracy.TEMPORAL,
        online=True,
        tile=MINUTE,
    )


def every_job() -> tuple[Job, ...]:
    part = Part(group_by=CARRIER, keys={"carrier": "carrier"}, prefix="airlines_carrier")
    derived = Selected(name="late", expression="a / b", type=Scalar.DOUBLE, reads=("a", "b"))
    chained = ChainedInput(left=LEFT, columns={"a": Digest("cc")})
    column = Column(name="carrier", type=Scalar.STRING)
    return (
        LeftJob(left=LEFT, rows=a_rows(), days=DAYS),
        FeatureJob(
            left=LEFT,
            left_columns=(column,),
            group_by=a_group_by(),
            part=part,
            columns=((Digest("bb"), "airlines_carrier_delay_approx_percentile_7d"),),
            days=DAYS,
            chained=chained,
        ),
        DerivationJob(
            left=LEFT,
            derivations=(derived,),
            columns=((Digest("dd"), "late"),),
            inputs={"a": LEFT, "b": LEFT},
            input_types=(Column(name="a", type=Scalar.LONG), Column(name="b", type=Scalar.LONG)),
            days=DAYS,
        ),
        UploadJob(dataset=Digest("ee"), group_by=a_group_by(), day=Day(15_711)),
        StreamJob(
            topic="file://airlines.arrivals",
            readers=(StreamedGroupBy(dataset=Digest("ff"), group_by=a_group_by()),),
            since=Day(15_712),
        ),
    )


AXES = Axes(values=ValueEffect.ADDITIVE, readers=ReaderEffect.COMPATIBLE, serving=ServingEffect.UPLOAD)


def a_change(danger: Danger, *, summary: str = "1 column added", columns: int = 1) -> Change:
    return Change(
        id=CARRIER,
        danger=danger,
        reason="CHR-P108",
        summary=summary,
        span=Span("teams/airlines/group_bys/carrier.yaml", 12, 5),
        axes=AXES,
        added=tuple(f"column_{number}" for number in range(columns)),
    )


def a_plan(*, changes: tuple[Change, ...] = (), jobs: tuple[Job, ...] = (), gaps: int = 0) -> Plan:
    steps = tuple(
        Step(id=StepId(f"s{n}"), object=DEPARTURE, job=job, needs=(), reason=f"reason {n}")
        for n, job in enumerate(jobs)
    )
    snapshot = Snapshot(
        id=CARRIER,
        fingerprint=Digest("01"),
        columns={"a": LEFT},
        serving=Digest("ee"),
        metadata=Digest("02"),
        definition="{}",
        origin="teams/airlines/group_bys/carrier.yaml",
    )
    return Plan(
        id=PlanId("p-0123456789abcdef"),
        environment="prod",
        base_serial=7,
        as_of=Day(15_711),
        revision="abc1234",
        changes=changes,
        gates=gates_of(changes),
        steps=steps,
        gaps=tuple(Gap(id=DEPARTURE, table=f"a.t{n}", days="2013-01-03", hint="load them") for n in range(gaps)),
        snapshots=(snapshot,),
        untouched=3,
    )


def full_plan() -> Plan:
    return a_plan(changes=(a_change(Danger.VALUE_CHANGE), a_change(Danger.ADDITION)), jobs=every_job(), gaps=1)


def test_plan_when_written_as_json_then_reads_back_equal() -> None:
    plan = full_plan()

    text = plan_json(plan)

    assert read_plan(text) == plan
    assert [step["job"]["kind"] for step in json.loads(text)["steps"]] == [
        "LeftJob",
        "FeatureJob",
        "DerivationJob",
        "UploadJob",
        "StreamJob",
    ]


def test_plan_when_of_another_format_then_is_refused() -> None:
    text = plan_json(replace(full_plan(), format_version=FORMAT_VERSION + 1))

    with pytest.raises(ChrononError) as refused:
        read_plan(text)

    assert refused.value.code == "CHR-S901"


def test_plan_when_file_is_damaged_then_is_refused() -> None:
    with pytest.raises(ChrononError) as refused:
        read_plan(plan_json(full_plan())[:-20])

    assert refused.value.code == "CHR-S900"


def test_text_when_nothing_changes_then_says_so_and_names_no_command() -> None:
    text = plan_text(a_plan(), apply_with="chronon apply")

    assert "Nothing changes: 3 objects as deployed" in text
    assert "apply with" not in text


def test_text_when_full_then_verdict_stands_before_changes_by_danger_before_work_before_gaps() -> None:
    text = plan_text(full_plan(), apply_with="chronon apply plan.json")

    places = [
        text.index(part)
        for part in (
            "1 value change, 1 addition",
            "VALUE CHANGE",
            "ADDITION",
            "teams/airlines/group_bys/carrier.yaml:12:5",
            "left rows",
            "NOT PLANNED",
            "apply with   chronon apply plan.json",
        )
    ]
    assert places[:3] == sorted(places[:3])
    assert places[4:] == sorted(places[4:])
    assert "2013-01-01 .. 2013-01-05, 2013-01-15" in text


def test_text_when_many_columns_then_folds_them_unless_verbose() -> None:
    plan = a_plan(changes=(a_change(Danger.ADDITION, columns=40),))

    assert "and 34 more" in plan_text(plan)
    assert "column_39" in plan_text(plan, verbose=True)


def test_text_when_colours_are_on_then_differs_only_by_them() -> None:
    plan = full_plan()

    coloured = plan_text(plan, paint=Paint(enabled=True))

    for code in ("\x1b[31;1m", "\x1b[33m", "\x1b[32m", "\x1b[1m", "\x1b[2m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == plan_text(plan)


def test_text_when_a_summary_holds_control_signs_then_they_are_shown_escaped() -> None:
    plan = a_plan(changes=(a_change(Danger.ADDITION, summary="\x1b[2Jgone"),))

    text = plan_text(plan)

    assert "\x1b" not in text
    assert "\\x1b[2Jgone" in text


def test_markdown_when_summary_holds_markup_then_it_stays_in_its_cell() -> None:
    plan = a_plan(changes=(a_change(Danger.ADDITION, summary="a | b <img> @owner\nnext"),))

    row = next(line for line in plan_markdown(plan).splitlines() if line.startswith("| addition"))

    assert "a \\| b &lt;img> @\u200bowner next" in row


def test_markdown_when_too_long_then_keeps_the_head_and_says_what_was_dropped() -> None:
    jobs = tuple(replace(every_job()[3], dataset=Digest(f"{n:04}")) for n in range(3000))
    plan = a_plan(changes=(a_change(Danger.REMOVAL),), jobs=jobs)

    text = plan_markdown(plan)

    assert len(text) <= 60_000
    assert text.startswith("<!-- chronon-plan prod -->\n### Plan `p-0123456789abcdef`")
    assert "1 removal" in text
    assert "Shortened" in text


ASIDE = Aside(
    beside="environment pr-1 is new; beside prod: 2 objects differ, 3 shared",
    differing=((CARRIER, "other than in prod"), (DEPARTURE, "only here")),
    kept="kept 14 days: `chronon rollback --to 7` restores it until 2026-12-06T00:00:00Z",
)


def a_stream(number: int, verdict: Verdict) -> StreamChange:
    return StreamChange(object=CARRIER, topic=f"file://topic{number}", verdict=verdict, reason="tiles lack max of x")


def a_huge_plan(n_changes: int) -> Plan:
    """Every part of it is long: names, summaries, steps, findings, what is left out."""
    dangers = tuple(Danger)
    changes = tuple(
        replace(
            a_change(dangers[number % len(dangers)], summary=f"change {number} " + "x" * 900, columns=300),
            id=ObjectId(Kind.GROUP_BY, ObjectName("airlines", f"carrier_{number}" + "y" * 90)),
            removed=tuple(f"gone_{place}" + "z" * 200 for place in range(20)),
        )
        for number in range(n_changes)
    )
    plan = a_plan(changes=changes, jobs=every_job() * (n_changes // 5), gaps=n_changes)
    found = tuple(Drift(code="CHR-P154", subject=f"topic {n}", found="f" * 300, follows="w") for n in range(n_changes))
    names = tuple(change.id for change in changes)
    streams = tuple(a_stream(n, list(Verdict)[n % 5]) for n in range(n_changes))
    gates = gates_of(changes, lambda identity: ("@risk", "@ml", f"x{identity}@example.com"))
    return replace(
        plan, upstream=found, drift=found, excluded=names, left_out=names, streams=streams, gates=gates
    )  # fmt: skip


@pytest.mark.parametrize("n_changes", [1, 10, 11, 40, 300, 5_000])
def test_markdown_of_any_plan_fits_and_its_head_and_its_commands_are_whole(n_changes: int) -> None:
    plan = a_huge_plan(n_changes)

    text = plan_markdown(plan, aside=ASIDE, apply_with="chronon apply p.json", approve_with="chronon approve p.json")

    assert len(text) <= BUDGET
    n_gates = len(plan.gates)
    for part in (
        f"needs {plural(n_gates, 'approval')} of @risk, @ml",
        "**Values that are read today change or go away",
        "environment prod · state serial 7",
        "Streams: ",
        ASIDE.beside,
        "change 0 ",
        "restores it until 2026-12-06T00:00:00Z",
    ):
        assert text.index(part) < text.index("<details>") if "<details>" in text else part in text
    assert text.endswith("approve with `chronon approve p.json` · apply with `chronon apply p.json`\n")
    assert ("Shortened" in text) is (n_changes > 11)
    assert text.count("<details>") == text.count("</details>")
    # A code host reads it as tables: as many cells in each row as in the head of its table.
    for table in re.findall(r"^\|.*(?:\n\|.*)+", text, re.MULTILINE):
        lines = table.splitlines()
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {len(re.findall(r"\|", lines[0]))}


def test_markdown_when_cut_then_says_how_many_rows_are_missing() -> None:
    jobs = tuple(replace(every_job()[3], dataset=Digest(f"{n:04}")) for n in range(3000))

    text = plan_markdown(a_plan(jobs=jobs))

    (missing,) = re.findall(r"_and ([\d,]+) more_", text)
    assert len(re.findall(r"^\| \d+ \| upload", text, re.MULTILINE)) + int(missing.replace(",", "")) == 3000


def test_markdown_has_what_a_reviewer_needs_beside_the_changes() -> None:
    plan = replace(full_plan(), streams=(a_stream(1, Verdict.KEEP), a_stream(2, Verdict.REPLAY)), environment="pr-1")
    duration = Duration(p50=400, p90=900)
    estimate = Estimate(
        read=Expected(rows=60, bytes=1_200), written=Expected(rows=6, bytes=None), duration=duration, basis="", runs=2
    )
    plan = replace(plan, steps=tuple(replace(step, estimate=estimate) for step in plan.steps))

    text = plan_markdown(plan, aside=ASIDE)

    assert text.startswith("<!-- chronon-plan pr-1 -->")
    assert "Streams: 1 keep, 1 replay" in text
    assert "takes 2.0 s / " in text
    assert "| 60 rows, 1.2 kB | 6 rows | 0.4 s / 0.9 s |" in text
    assert "| group_by `airlines.carrier` | other than in prod |\n| join `delays.departure@2` | only here |" in text


def test_approval_is_asked_of_owners_who_are_named_once_as_the_code_host_knows_them() -> None:
    changes = (a_change(Danger.REMOVAL), replace(a_change(Danger.SERVING_BREAK), id=DEPARTURE))
    owners = {CARRIER: ("@ml/serving", "some|one"), DEPARTURE: ("@ml/serving",)}
    plan = replace(a_plan(changes=changes), gates=gates_of(changes, owners.__getitem__))

    text = plan_markdown(plan)

    assert "needs 2 approvals of @ml/serving and some\\|one" in text
    assert text.count("@ml/serving") == 1
    assert text.count("@\u200bml/serving") == 2
    assert plan_text(plan).splitlines()[1].endswith("needs 2 approvals of @ml/serving and some|one")
    assert read_plan(plan_json(plan)) == plan
    assert '"owners":["@ml/serving"]' in plan_json(plan)
    assert '"owners"' not in plan_json(a_plan(changes=changes)), "plans without owners stay the text that they were"


def test_markdown_when_full_then_shows_every_change_and_step() -> None:
    text = plan_markdown(full_plan())

    assert text.count("teams/airlines/group_bys/carrier.yaml:12:5") == 2
    assert [
        line.split(" | ")[1] for line in text.splitlines() if line.startswith(("| 1", "| 2", "| 3", "| 4", "| 5"))
    ] == [
        "left rows",
        "features",
        "derivations",
        "upload",
        "stream",
    ]


@pytest.mark.parametrize(
    ("danger", "approval"),
    [
        (Danger.REMOVAL, True),
        (Danger.SERVING_BREAK, True),
        (Danger.VALUE_CHANGE, True),
        (Danger.REBUILD, False),
        (Danger.ADDITION, False),
        (Danger.METADATA, False),
    ],
)
def test_readers_when_they_lose_something_then_notice(danger: Danger, *, approval: bool) -> None:
    assert readers_notice(a_plan(changes=(a_change(danger),))) is approval


def test_plan_when_of_an_older_format_then_is_told_so_whatever_it_lacks() -> None:
    with pytest.raises(ChrononError, match="CHR-S901 the plan has format 1"):
        read_plan('{"format_version":1,"id":"p-1"}')


def test_approvals_when_something_goes_away_then_are_counted_and_the_command_is_told() -> None:
    plan = a_plan(changes=(a_change(Danger.REMOVAL), a_change(Danger.VALUE_CHANGE), a_change(Danger.SERVING_BREAK)))

    text = plan_text(plan, apply_with="chronon apply p.json", approve_with='chronon approve p.json --reason "…"')

    assert text.splitlines()[1].endswith(" · needs 2 approvals")
    assert text.splitlines()[-2:] == [
        'approve with chronon approve p.json --reason "…"',
        "apply with   chronon apply p.json",
    ]
    assert "needs 2 approvals" in plan_markdown(plan)
    assert "approve" not in plan_text(
        a_plan(changes=(a_change(Danger.VALUE_CHANGE),)), apply_with="a", approve_with="b"
    )


def test_counts_when_several_dangers_then_the_worst_stands_first() -> None:
    changes = tuple(a_change(danger) for danger in (Danger.METADATA, Danger.METADATA, Danger.REMOVAL))

    assert danger_counts(changes) == "1 removal, 2 metadata"


def test_work_when_tables_then_counts_days_and_columns() -> None:
    work = work_of(full_plan())

    assert [(row.kind, len(row.columns), row.days) for row in work] == [
        ("left rows", 1, 6),
        ("features", 1, 6),
        ("derivations", 1, 6),
        ("upload", 2, 0),
        ("stream", 1, 0),
    ]
