"""What is deployed, as text and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chronon.cli.views.status import Status, plan_line, status_lines, status_plain
from chronon.model.dayset import DaySet
from chronon.model.jobs import Digest
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.plan import PlanId
from chronon.model.savepoints import FilePlace, Savepoint
from chronon.model.state import Environment, Snapshot, State
from chronon.model.time import Day
from chronon.stores.state import Lease, PlanRecord, PlanStatus

LEFT = Digest("left")
JOIN = ObjectId(Kind.JOIN, ObjectName("delays", "departure"))
GROUP_BY = ObjectId(Kind.GROUP_BY, ObjectName("airlines", "carrier"), 2)


def a_snapshot(identity: ObjectId, **fields: object) -> Snapshot:
    base = {"fingerprint": Digest("f"), "metadata": Digest("m"), "definition": "{}", "origin": "x.yaml"}
    return Snapshot(id=identity, **{**base, **fields})  # type: ignore[arg-type]


def a_status(*, holder: Lease | None = None, history: Sequence[PlanRecord] = (), environment: str = "prod") -> Status:
    join = a_snapshot(JOIN, columns={"a": Digest("a"), "carrier": LEFT}, left=LEFT)
    group_by = a_snapshot(GROUP_BY, columns={"x": Digest("x")}, serving=Digest("s"), stream=Digest("t"))
    environments = {
        "prod": Environment(name="prod", serial=3, snapshots={JOIN: join, GROUP_BY: group_by}),
        "pr-1": Environment(name="pr-1", serial=1),
    }
    computed = {(LEFT, LEFT): DaySet.span(15_706, 15_710), (LEFT, Digest("a")): DaySet.span(15_708, 15_712)}
    state = State(
        serial=9,
        environments=environments,
        computed=computed,
        uploads={Digest("s"): Day(15_710)},
        streams={Digest("t"): Day(15_711)},
    )
    return Status(
        target="local", environment=environment, state=state, history=history, holder=holder, now=1_700_000_000
    )


def a_record(status: PlanStatus) -> PlanRecord:
    finished = 1_699_999_950.5 if status is PlanStatus.APPLIED else None
    return PlanRecord(id=PlanId("p-1"), status=status, started=1_699_999_900, finished=finished, done=1, total=4)


def test_status_when_a_stream_has_a_savepoint_then_its_place_is_shown() -> None:
    place = FilePlace(name="a.jsonl", bytes=90, lines=1_204, digest="00")
    savepoint = Savepoint(topic="file://flights", since=Day(15_711), files=(place,))
    status = replace(a_status(), savepoints={Digest("t"): savepoint})

    assert status_lines(status)[2].endswith("2013-01-06, 1,204 lines folded")
    assert status_plain(status)["objects"][0]["savepoint"] == {
        "lines": 1_204,
        "bytes": 90,
        "files": [{"name": "a.jsonl", "lines": 1_204, "bytes": 90}],
    }


def test_status_when_deployed_then_days_are_those_of_every_column() -> None:
    assert status_lines(a_status()) == [
        "environment prod · serial 3 · state serial 9 · target local",
        "object                       columns  days computed             upload until  stream from",
        "group_by airlines.carrier@2        1  -                         2013-01-05    2013-01-06",
        "join delays.departure              2  2013-01-03 .. 2013-01-05  -             -",
        "other environments: pr-1",
    ]


def test_status_when_nothing_is_deployed_then_says_what_to_do() -> None:
    assert "nothing is deployed: `chronon plan` shows what an apply would do" in status_lines(
        a_status(environment="staging")
    )


def test_status_when_a_plan_is_unfinished_then_says_how_to_go_on() -> None:
    lines = status_lines(a_status(history=[a_record(PlanStatus.APPLYING), a_record(PlanStatus.APPLIED)]))

    assert lines[-3:] == [
        "applying   p-1  began 2023-11-14T22:11:40Z, 1 of 4 steps done",
        "applied    p-1  began 2023-11-14T22:11:40Z, ended 2023-11-14T22:12:30Z, 1 of 4 steps done",
        "the last plan is unfinished: `chronon apply` goes on with what is left",
    ]


def test_status_when_the_lease_has_ended_then_there_is_no_lock() -> None:
    held = Lease(token=1, holder="ann pid 1", since=1_699_999_000, until=1_700_000_060)
    ended = Lease(token=1, holder="ann pid 1", since=1_699_999_000, until=1_699_999_999)

    assert status_lines(a_status(holder=held))[-1].startswith("locked by ann pid 1 since ")
    assert not [line for line in status_lines(a_status(holder=ended)) if "ann" in line]


def test_status_when_written_as_json_then_has_the_same_facts() -> None:
    held = Lease(token=1, holder="ann pid 1", since=1_699_999_000, until=1_700_000_060)

    plain = status_plain(a_status(holder=held, history=[a_record(PlanStatus.APPLIED)]))

    assert (plain["serial"], plain["state_serial"], plain["environment"]) == (3, 9, "prod")
    assert [(each["kind"], each["name"], each["version"]) for each in plain["objects"]] == [
        ("group_by", "airlines.carrier", 2),
        ("join", "delays.departure", 1),
    ]
    assert [(each["days"], each["upload"], each["stream"]) for each in plain["objects"]] == [
        ("", "2013-01-05", "2013-01-06"),
        ("2013-01-03 .. 2013-01-05", None, None),
    ]
    assert plain["plans"][0]["status"] == "applied"
    assert plain["lock"]["holder"] == "ann pid 1"


def test_plan_line_when_superseded_then_says_so() -> None:
    assert plan_line(a_record(PlanStatus.SUPERSEDED)).startswith("superseded p-1 ")
