"""The laws of StateStore, run over every backend of the folder: a new backend is tested by being there."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from state_world import (
    LEFT,
    a_feature_job,
    a_fragment,
    a_group_by,
    a_lease,
    a_left_job,
    a_note,
    a_run,
    a_snapshot,
    an_upload,
    begun,
    do,
    plan_json,
)

from chronon.model.corrections import Mark, Noted
from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError, InvariantError
from chronon.model.jobs import (
    Digest,
    Fragment,
    Job,
    Streamed,
    StreamedGroupBy,
    StreamJob,
    UploadJob,
)
from chronon.model.plan import GateId, PlanId, StepId
from chronon.model.retention import Attempted, Garbage, Recent, StrayFile, Trash
from chronon.model.state import DESTROYED, Environment, Snapshot, State
from chronon.model.time import Day
from chronon.schemas.wire import to_json
from chronon.stores.state import (
    RUNS_KEPT,
    Approval,
    Done,
    Failed,
    Lease,
    LogKind,
    PlanStatus,
    Started,
    StateStore,
    StepStatus,
    open_state,
)


def test_reading_before_the_first_apply_shows_nothing(store: StateStore) -> None:
    assert store.read() == State()
    assert store.history() == store.log() == store.uploads(LEFT) == store.snapshots() == ()
    assert store.holder() is None


def test_lease_of_another_is_refused_with_who_and_when(store: StateStore, address: str) -> None:
    a_lease(store, "ada", now=0.0)
    other = open_state(address)

    with pytest.raises(ChrononError, match=r"CHR-K010.*ada since 1970-01-01T00:00:00Z, until 1970-01-01T00:01:00Z"):
        a_lease(other, "bob", now=59.0)

    other.close()


def test_expired_lease_is_taken_over_and_its_writer_refused(store: StateStore) -> None:
    lost, plan = begun(store, "s")

    taken = a_lease(store, "bob", now=1060.0)

    assert taken.token > lost.token
    assert store.holder() == taken
    for write in (
        lambda: store.renew(lost, lease_s=60, now=1061.0),
        lambda: store.begin(lost, plan, plan_json("s"), 0, 1061.0),
        lambda: store.record(lost, plan, [Started(step=StepId("s"), at=1061.0)]),
        lambda: store.record(
            lost, plan, [Done(step=StepId("s"), job=a_left_job(DaySet.span(1, 1)), output=(), at=1061.0)]
        ),
        lambda: store.record(lost, plan, [Failed(step=StepId("s"), error="no", at=1061.0)]),
        lambda: store.finish(lost, plan, "prod", (), 1061.0),
    ):
        with pytest.raises(ChrononError, match=r"CHR-K013.*bob"):
            write()
    assert store.steps(plan) == ()
    assert store.read() == State()


def test_renewed_lease_is_not_taken_over(store: StateStore) -> None:
    lease = a_lease(store)

    renewed = store.renew(lease, lease_s=60, now=1050.0)

    assert (renewed.token, renewed.since, renewed.until) == (lease.token, 1000.0, 1110.0)
    with pytest.raises(ChrononError, match="CHR-K010"):
        a_lease(store, "bob", now=1109.0)


def test_released_lease_is_free_and_no_longer_writes(store: StateStore) -> None:
    first = a_lease(store)
    store.release(first)

    second = a_lease(store, "bob")
    store.release(first)

    assert second.token > first.token
    assert store.holder() == second
    with pytest.raises(ChrononError, match="CHR-K013"):
        store.begin(first, PlanId("p"), plan_json(), 0, 1.0)


def test_unlocking_takes_the_lease_and_says_so(store: StateStore) -> None:
    lease = a_lease(store)

    assert store.unlock("eve", 1001.0) == lease
    assert store.unlock("eve", 1002.0) is None
    assert [(line.who, line.what) for line in store.log()] == [("eve", "took the lock from ada")]
    with pytest.raises(ChrononError, match="CHR-K013"):
        store.renew(lease, lease_s=60, now=1003.0)


GATES = (GateId("CHR-P102 group_by shop.user@1"), GateId("CHR-P112 join shop.checkout@1"))


def test_approval_is_bound_to_the_plan_and_stands_in_the_log(store: StateStore) -> None:
    store.approve(PlanId("p-1"), 0, GATES[:1], who="ann", reason="nobody reads it", now=5.0)
    store.approve(PlanId("p-1"), 0, GATES, who="bob", reason="moved to v2", now=6.0)
    begun(store)

    assert store.approvals(PlanId("p-1")) == (
        Approval(gate=GATES[0], who="ann", at=5.0, reason="nobody reads it"),
        Approval(gate=GATES[1], who="bob", at=6.0, reason="moved to v2"),
    )
    assert store.approvals(PlanId("p-2")) == ()
    assert store.read().serial == 0
    assert store.log()[0].approvals == (
        "CHR-P102 group_by shop.user@1 by ann: nobody reads it",
        "CHR-P112 join shop.checkout@1 by bob: moved to v2",
    )
    assert [(line.who, line.kind, line.plan) for line in store.log()[1:]] == [
        ("bob", LogKind.APPROVED, "p-1"),
        ("ann", LogKind.APPROVED, "p-1"),
    ]


def test_approval_of_a_plan_that_cannot_be_applied_is_refused(store: StateStore) -> None:
    with pytest.raises(ChrononError, match="CHR-K011"):
        store.approve(PlanId("p-7"), 7, GATES, who="ann", reason="why not", now=5.0)
    lease, plan = begun(store)
    store.finish(lease, plan, "prod", (), 1002.0)
    with pytest.raises(ChrononError, match="CHR-K012"):
        store.approve(plan, 0, GATES, who="ann", reason="why not", now=5.0)

    assert store.approvals(PlanId("p-7")) == store.approvals(plan) == ()


def test_log_tells_plan_step_and_job_of_every_attempt(store: StateStore) -> None:
    lease, plan = begun(store, "s0")
    store.record(lease, plan, [Started(step=StepId("s0"), at=10.0)])
    store.record(lease, plan, [Failed(step=StepId("s0"), error="disk full", at=11.0)])
    store.record(lease, plan, [Started(step=StepId("s0"), at=12.0)])
    store.record(lease, plan, [Done(step=StepId("s0"), job=a_left_job(DaySet.span(1, 1)), output=(), at=13.0)])
    store.finish(lease, plan, "prod", (), 14.0)

    assert [(line.number, line.kind, line.plan, line.step, line.job) for line in reversed(store.log())] == [
        (1, LogKind.BEGAN, "p-1", "", ""),
        (2, LogKind.STEP_STARTED, "p-1", "s0", "s0-1"),
        (3, LogKind.STEP_FAILED, "p-1", "s0", "s0-1"),
        (4, LogKind.STEP_STARTED, "p-1", "s0", "s0-2"),
        (5, LogKind.STEP_DONE, "p-1", "s0", "s0-2"),
        (6, LogKind.FINISHED, "p-1", "", ""),
    ]
    assert "disk full" in store.log()[3].what
    assert store.verify_log() is None
    assert len({line.hash for line in store.log()}) == 6


def test_plan_of_another_state_is_stale(store: StateStore) -> None:
    with pytest.raises(ChrononError, match=r"CHR-K011.*from state 7.*at 0 now"):
        store.begin(a_lease(store), PlanId("p-1"), plan_json(), 7, 1.0)

    assert store.history() == ()


def test_base_of_a_plan_is_that_of_the_state_or_of_its_own_beginning(store: StateStore) -> None:
    lease, plan = begun(store, "s0")
    do(store, lease, plan, a_left_job(DaySet.span(1, 1)))

    store.check_base(plan, 0)
    store.check_base(PlanId("p-2"), 1)
    with pytest.raises(ChrononError, match="CHR-K011"):
        store.check_base(PlanId("p-2"), 0)
    store.finish(lease, plan, "prod", (), 1002.0)
    with pytest.raises(ChrononError, match="CHR-K012"):
        store.check_base(plan, 0)


def test_stale_plan_is_told_what_moved_the_state(store: StateStore) -> None:
    lease, plan = begun(store)
    store.finish(lease, plan, "prod", (), 1002.0)

    with pytest.raises(ChrononError, match=r"CHR-K011.*ada finished plan p-1 at 1970-01-01T00:16:42Z"):
        store.begin(lease, PlanId("p-2"), plan_json(), 0, 1003.0)


def test_applied_plan_is_not_applied_again(store: StateStore) -> None:
    lease, plan = begun(store)
    store.finish(lease, plan, "prod", (a_snapshot(),), 1002.0)

    with pytest.raises(ChrononError, match=r"CHR-K012.*1970-01-01T00:16:42Z"):
        store.begin(lease, plan, plan_json(), 0, 1003.0)


def test_interrupted_plan_goes_on_only_as_it_was_begun(store: StateStore) -> None:
    lease, plan = begun(store, "s0", "s1")

    with pytest.raises(ChrononError, match="CHR-K020"):
        store.begin(lease, plan, plan_json("s0"), 0, 1005.0)


def test_interrupted_plan_goes_on_with_what_is_left(store: StateStore, address: str) -> None:
    lease, plan = begun(store, "s0", "s1")
    do(store, lease, plan, a_left_job(DaySet.span(1, 2)), a_fragment(1, LEFT))
    store.record(lease, plan, [Started(step=StepId("s1"), at=1004.0)])
    store.release(lease)
    again = open_state(address)

    done = again.begin(a_lease(again), plan, plan_json("s0", "s1"), 0, 1005.0)

    assert done == {"s0"}
    assert [(record.status, record.done, record.total) for record in again.history()] == [(PlanStatus.APPLYING, 1, 2)]
    again.close()


def test_other_plan_supersedes_an_unfinished_one_for_good(store: StateStore) -> None:
    lease, plan = begun(store, "s0", "s1")
    do(store, lease, plan, a_left_job(DaySet.span(1, 2)))

    store.begin(lease, PlanId("p-2"), plan_json(), 1, 1010.0)

    assert {record.id: record.status for record in store.history()} == {
        "p-1": PlanStatus.SUPERSEDED,
        "p-2": PlanStatus.APPLYING,
    }
    with pytest.raises(ChrononError, match="CHR-K011"):
        store.begin(lease, plan, plan_json("s0", "s1"), 0, 1011.0)
    with pytest.raises(InvariantError, match="superseded"):
        store.record(lease, plan, [Started(step=StepId("s1"), at=1012.0)])


def test_superseded_plan_can_begin_again_where_nothing_was_done_since(store: StateStore) -> None:
    lease, plan = begun(store, "s0")
    store.begin(lease, PlanId("p-2"), plan_json(), 0, 1010.0)

    assert store.begin(lease, plan, plan_json("s0"), 0, 1011.0) == frozenset()

    assert [(record.id, record.status) for record in store.history()] == [
        ("p-1", PlanStatus.APPLYING),
        ("p-2", PlanStatus.SUPERSEDED),
    ]


def test_done_table_step_publishes_files_and_days_and_moves_the_serial(store: StateStore) -> None:
    lease, plan = begun(store, "s0")

    do(store, lease, plan, a_feature_job(DaySet.span(1, 3), "aa", "bb"), a_fragment(1, "aa", "bb"), a_fragment(3, "aa"))

    state = store.read()
    assert state.serial == 1
    assert state.computed == {(LEFT, Digest("aa")): DaySet.span(1, 3), (LEFT, Digest("bb")): DaySet.span(1, 3)}
    assert store.fragments(LEFT, {Digest("aa"), Digest("bb")}, DaySet.span(1, 3)) == (
        a_fragment(1, "aa", "bb"),
        a_fragment(3, "aa"),
    )
    assert store.fragments(LEFT, {Digest("bb")}, DaySet.span(2, 9)) == ()
    assert store.fragments(Digest("other"), {Digest("aa")}, DaySet.span(1, 3)) == ()


def test_step_that_is_done_twice_counts_once(store: StateStore) -> None:
    lease, plan = begun(store, "s0")
    do(store, lease, plan, a_left_job(DaySet.span(1, 1)))

    store.record(lease, plan, [Done(step=StepId("s0"), job=a_left_job(DaySet.span(5, 6)), output=(), at=1004.0)])
    store.record(lease, plan, [Started(step=StepId("s0"), at=1005.0)])

    assert store.read().serial == 1
    assert store.read().computed == {(LEFT, LEFT): DaySet.span(1, 1)}
    assert [step.status for step in store.steps(plan)] == [StepStatus.DONE]


def test_column_that_is_published_again_is_read_from_the_new_files_only(store: StateStore) -> None:
    lease, plan = begun(store)
    do(store, lease, plan, a_feature_job(DaySet.span(1, 2), "aa", "bb"), a_fragment(1, "aa", "bb"), a_fragment(2, "aa"))

    do(store, lease, plan, a_feature_job(DaySet.span(1, 1), "aa"), a_fragment(1, "aa", path="new"))

    found = store.fragments(LEFT, {Digest("aa"), Digest("bb")}, DaySet.span(1, 2))
    assert {(f.path, f.columns) for f in found} == {
        ("new", ((Digest("aa"), "c_aa"),)),
        ("left/1/aa-bb.parquet", ((Digest("bb"), "c_bb"),)),
        ("left/2/aa.parquet", ((Digest("aa"), "c_aa"),)),
    }


def test_left_columns_share_the_digest_of_the_left(store: StateStore) -> None:
    lease, plan = begun(store)
    whole = Fragment(left=LEFT, day=Day(1), columns=((LEFT, "ts"), (LEFT, "carrier")), path="p", rows=1, bytes=1)

    do(store, lease, plan, a_left_job(DaySet.span(1, 1)), whole)

    assert store.fragments(LEFT, {LEFT}, DaySet.span(1, 1)) == (whole,)


@pytest.mark.parametrize("wrong", [a_fragment(9, "aa"), a_fragment(1, "cc")])
def test_fragment_that_was_not_asked_for_publishes_nothing(store: StateStore, wrong: Fragment) -> None:
    lease, plan = begun(store, "s0")

    with pytest.raises(InvariantError):
        do(store, lease, plan, a_feature_job(DaySet.span(1, 2), "aa"), a_fragment(1, "aa"), wrong)

    assert store.read() == State()
    assert store.fragments(LEFT, {Digest("aa")}, DaySet.span(1, 9)) == ()
    assert [step.status for step in store.steps(plan)] == [StepStatus.RUNNING]


def test_uploads_and_streams_are_recorded(store: StateStore) -> None:
    lease, plan = begun(store)
    for day, generation in ((5, "g1"), (7, "g2"), (6, "late"), (7, "g3")):
        step = StepId(generation)
        store.record(lease, plan, [Started(step=step, at=1.0)])
        job = UploadJob(dataset=Digest("da7a"), group_by=a_group_by(), day=Day(day))
        store.record(lease, plan, [Done(step=step, job=job, output=an_upload(day, generation), at=2.0)])
    store.record(lease, plan, [Started(step=StepId("stream"), at=3.0)])
    streamed = Streamed(topic="t", since=Day(4), datasets=(Digest("x"), Digest("y")), events=1, tiles=1)
    store.record(
        lease,
        plan,
        [Done(step=StepId("stream"), job=StreamJob(topic="t", readers=(), since=Day(4)), output=streamed, at=4.0)],
    )

    assert [upload.generation for upload in store.uploads(Digest("da7a"))] == ["g3", "g2", "late", "g1"]
    assert store.uploads(Digest("da7a"))[0] == an_upload(7, "g3")
    assert store.read().uploads == {Digest("da7a"): Day(7)}
    assert store.read().streams == {Digest("x"): Day(4), Digest("y"): Day(4)}


def test_stream_that_goes_on_keeps_its_first_day_and_moves_its_position(store: StateStore) -> None:
    lease, plan = begun(store)
    for since, position in ((4, 100), (9, 250)):
        step = StepId(f"from {since}")
        store.record(lease, plan, [Started(step=step, at=1.0)])
        streamed = Streamed(topic="t", since=Day(since), datasets=(Digest("x"),), events=1, tiles=1, position=position)
        store.record(
            lease,
            plan,
            [Done(step=step, job=StreamJob(topic="t", readers=(), since=Day(since)), output=streamed, at=2.0)],
        )

    assert store.read().streams == {Digest("x"): Day(4)}
    assert store.read().positions == {Digest("x"): 250}


def test_failed_step_says_why_and_can_be_tried_again(store: StateStore) -> None:
    lease, plan = begun(store, "s0")
    store.record(lease, plan, [Started(step=StepId("s0"), at=10.0)])
    store.record(lease, plan, [Failed(step=StepId("s0"), error="disk full", at=11.0)])

    (failed,) = store.steps(plan)
    store.record(lease, plan, [Started(step=StepId("s0"), at=12.0)])
    store.record(lease, plan, [Done(step=StepId("s0"), job=a_left_job(DaySet.span(1, 1)), output=(), at=13.0)])

    assert (failed.status, failed.error, failed.finished) == (StepStatus.FAILED, "disk full", 11.0)
    (done,) = store.steps(plan)
    assert (done.status, done.attempts, done.error, done.started, done.finished) == (StepStatus.DONE, 2, "", 12.0, 13.0)


def test_transitions_of_one_record_are_numbered_published_and_told_in_their_order(store: StateStore) -> None:
    lease, plan = begun(store, "s0", "s1", "s2")
    steps = [StepId(f"s{number}") for number in range(3)]

    first = store.record(lease, plan, [Started(step=step, at=10.0) for step in steps])
    done = Done(step=steps[0], job=a_left_job(DaySet.span(1, 2)), output=(), began=11.5, at=12.0)
    failed = Failed(step=steps[1], error="no", at=13.0)
    again = [Started(step=step, at=14.0) for step in steps]
    second = store.record(lease, plan, [done, failed, *again])

    assert first == dict.fromkeys(steps, 1)
    assert second == {steps[1]: 2, steps[2]: 2}
    assert store.read().serial == 1
    assert store.computed_days(LEFT, {LEFT}) == DaySet.span(1, 2)
    assert [(record.started, record.finished) for record in store.steps(plan)] == [
        (11.5, 12.0),
        (14.0, None),
        (14.0, None),
    ]
    assert [(line.kind, line.job) for line in reversed(store.log(5))] == [
        (LogKind.STEP_STARTED, "s2-1"),
        (LogKind.STEP_DONE, "s0-1"),
        (LogKind.STEP_FAILED, "s1-1"),
        (LogKind.STEP_STARTED, "s1-2"),
        (LogKind.STEP_STARTED, "s2-2"),
    ]
    assert store.verify_log() is None


def test_transitions_that_are_recorded_again_change_nothing_that_has_ended(store: StateStore) -> None:
    lease, plan = begun(store, "s0", "s1")
    steps = [StepId("s0"), StepId("s1")]
    store.record(lease, plan, [Started(step=step, at=10.0) for step in steps])
    failed = Failed(step=steps[0], error="no", at=12.0, attempt=1)
    done = Done(step=steps[1], job=a_left_job(DaySet.span(1, 2)), output=(), at=13.0, attempt=1)
    once = [failed, done, Started(step=steps[0], at=14.0)]

    first = store.record(lease, plan, once)
    again = store.record(lease, plan, once[:2])

    assert (first, again) == ({steps[0]: 2}, {})
    assert [(step.status, step.attempts) for step in store.steps(plan)] == [
        (StepStatus.RUNNING, 2),
        (StepStatus.DONE, 1),
    ]
    assert store.read().serial == 1
    assert [line.job for line in store.log()].count("s0-1") == 2
    with pytest.raises(InvariantError, match="started-step"):
        store.record(lease, plan, [Failed(step=steps[0], error="no", at=15.0, attempt=3)])


def test_record_of_which_one_transition_is_refused_records_nothing(store: StateStore) -> None:
    lease, plan = begun(store, "s0", "s1")
    done = Done(step=StepId("s1"), job=a_left_job(DaySet.span(1, 2)), output=(), at=12.0)

    with pytest.raises(InvariantError, match="s1 of p-1 ended without being started"):
        store.record(lease, plan, [Started(step=StepId("s0"), at=10.0), done])

    assert store.steps(plan) == ()
    assert len(store.log()) == 1


def test_computed_days_are_those_that_every_column_has(store: StateStore) -> None:
    lease, plan = begun(store, "s0", "s1")
    do(store, lease, plan, a_feature_job(DaySet.span(1, 5), "aa"), a_fragment(1, "aa"))
    do(store, lease, plan, a_feature_job(DaySet.span(4, 8), "bb"), a_fragment(4, "bb"))

    assert store.computed_days(LEFT, {Digest("aa"), Digest("bb")}) == DaySet.span(4, 5)
    assert store.computed_days(LEFT, {Digest("aa"), Digest("cc")}) == DaySet()


def test_finish_points_the_environment_at_exactly_the_snapshots(store: StateStore) -> None:
    lease, plan = begun(store, plan="p-1")
    store.finish(lease, plan, "prod", (a_snapshot("carrier"), a_snapshot("tail")), 1.0)
    store.begin(lease, PlanId("p-2"), plan_json(), 1, 2.0)
    store.finish(lease, PlanId("p-2"), "prod", (a_snapshot("tail", "f2"),), 3.0)
    store.begin(lease, PlanId("p-3"), plan_json(), 2, 4.0)
    store.finish(lease, PlanId("p-3"), "pr-1", (a_snapshot("tail"),), 5.0)

    state = store.read()
    assert state.serial == 3
    assert (state.environment("prod").serial, state.environment("pr-1").serial) == (2, 1)
    assert list(state.environment("prod").snapshots.values()) == [a_snapshot("tail", "f2")]
    assert list(state.environment("pr-1").snapshots.values()) == [a_snapshot("tail")]
    assert store.snapshots() == (a_snapshot("tail", "f2"), a_snapshot("tail"), a_snapshot("carrier"))
    assert [line.what.split(":")[0] for line in store.log(2)] == ["finished plan p-3", "began plan p-3"]
    assert [(record.id, record.finished) for record in store.history(2)] == [("p-3", 5.0), ("p-2", 3.0)]


def test_mark_moves_with_everything_that_is_recorded_and_stays_while_one_reads(store: StateStore) -> None:
    marks = [store.mark()]
    lease, plan = begun(store, "s0")
    marks.append(store.mark())
    do(store, lease, plan, a_feature_job(DaySet.span(1, 2), "c1"), a_fragment(1, "c1"))
    marks.append(store.mark())
    store.finish(lease, plan, "prod", (a_snapshot("tail"),), 1.0)
    marks.append(store.mark())
    store.read()

    assert len(set(marks)) == len(marks)
    assert store.mark() == marks[-1]


def test_part_is_what_read_says_of_it(store: StateStore) -> None:
    lease, plan = begun(store, "s0", "s1")
    do(store, lease, plan, a_feature_job(DaySet.span(1, 2), "c1", "c2"), a_fragment(1, "c1", "c2"))
    streamed = Streamed(
        topic="file://t", since=Day(3), datasets=(Digest("t1"), Digest("t2")), events=1, tiles=1, position=7
    )
    reader = StreamedGroupBy(dataset=Digest("t1"), group_by=a_group_by())
    job = StreamJob(topic="file://t", readers=(reader,), since=Day(3))
    store.record(lease, plan, [Started(step=StepId("s1"), at=1.0)])
    store.record(lease, plan, [Done(step=StepId("s1"), job=job, output=streamed, at=1.0)])
    snapshots = tuple(a_snapshot(f"name{number}") for number in range(4))
    store.finish(lease, plan, "prod", snapshots, 1.0)
    rows, whole = store.rows("prod"), store.read()
    chosen = [snapshots[2], snapshots[0]]
    numbers = [rows[one.id] for one in chosen]

    both = {LEFT: [Digest("c1"), Digest("c2")]}
    part = store.part("prod", numbers, both, [Digest("t2"), Digest("nothing")])
    one = store.part("prod", numbers, {LEFT: [Digest("c1")]}, [])

    assert rows.keys() == {one.id for one in snapshots} == whole.environment("prod").snapshots.keys()
    assert sorted(store.numbered(numbers), key=lambda one: one.id) == [snapshots[0], snapshots[2]]
    assert (part.serial, part.computed) == (whole.serial, whole.computed)
    assert one.computed == {stored: days for stored, days in whole.computed.items() if stored[1] != "c2"}
    assert part.environments.keys() == {"prod"}
    assert part.environment("prod").serial == whole.environment("prod").serial
    assert part.environment("prod").snapshots == {one.id: one for one in chosen}
    assert (part.streams, part.positions) == ({Digest("t2"): 3}, {Digest("t2"): 7})
    assert store.part("other", [], {Digest("l"): []}, []) == State(
        serial=whole.serial, environments={"other": Environment(name="other")}
    )
    assert (store.rows("other"), store.numbered([])) == ({}, ())


def test_part_of_more_than_a_statement_takes_is_whole(store: StateStore) -> None:
    lease, plan = begun(store)
    snapshots = tuple(a_snapshot(f"name{number}") for number in range(1_203))
    store.finish(lease, plan, "prod", snapshots, 1.0)

    part = store.part("prod", store.rows("prod").values(), {}, [])

    assert part.environment("prod").snapshots == {one.id: one for one in snapshots}


def test_moves_tell_how_each_serial_came_and_what_it_pointed_at(store: StateStore) -> None:
    carrier, tail, other = a_snapshot("carrier"), a_snapshot("tail"), a_snapshot("tail", "f2")
    lease = moved(store, "prod", [carrier, tail], [carrier, other], [carrier, tail])
    store.destroy(lease, "prod", 50.0, "nobody needs it")
    moved(store, "prod", [other])

    assert [(move.serial, move.what, move.plan, move.at, move.until, move.objects) for move in store.moves("prod")] == [
        (5, "", "p-prod-5", 5.0, None, 1),
        (4, DESTROYED, "", 50.0, 5.0, 0),
        (3, "from 3", "p-prod-3", 3.0, 50.0, 2),
        (2, "from 2", "p-prod-2", 2.0, 3.0, 2),
        (1, "", "p-prod-1", 1.0, 2.0, 2),
    ]
    assert [store.pointed_at("prod", serial) for serial in range(7)] == [
        (), (carrier, tail), (carrier, other), (carrier, tail), (), (other,), ()
    ]  # fmt: skip
    assert [move.state for move in store.moves()] == [5, 4, 3, 2, 1]
    assert [move.as_of for move in store.moves("prod", 2)] == [Day(7), None]
    assert store.moves("pr") == store.pointed_at("pr", 1) == ()


def test_destroyed_environment_is_gone_and_its_snapshots_stay_recorded(store: StateStore) -> None:
    lease = moved(store, "pr", [a_snapshot()])

    assert store.destroy(lease, "pr", 50.0)
    assert not store.destroy(lease, "pr", 51.0)

    assert store.read() == State(serial=2)
    assert store.snapshots() == store.pointed_at("pr", 1) == (a_snapshot(),)
    (line, *_) = store.log()
    assert (line.kind, line.what) == (LogKind.DESTROYED, "destroyed environment pr, which pointed at 1 snapshots")
    with pytest.raises(ChrononError, match=r"CHR-K011.*ada destroyed environment pr, .* at 1970-01-01T00:00:50Z"):
        store.begin(lease, PlanId("p-9"), plan_json(), 1, 52.0)


def test_what_is_forgotten_is_not_there_and_its_files_are_strays(store: StateStore) -> None:
    lease, plan = begun(store)
    do(store, lease, plan, a_feature_job(DaySet.span(1, 2), "aa", "bb"), a_fragment(1, "aa", "bb"), a_fragment(2, "aa"))
    do(store, lease, plan, a_feature_job(DaySet.span(1, 1), "aa"), a_fragment(1, "aa", path="new"))
    cell = (LEFT, Digest("aa"))
    assert store.stray_files() == ()
    assert [file.path for file in store.stray_files({cell})] == ["left/2/aa.parquet", "new"]
    serial = store.read().serial

    store.forget(lease, Garbage(cells=frozenset({cell})), 9.0, "cleaned a column")

    state = store.read()
    assert state.computed == {(LEFT, Digest("bb")): DaySet.span(1, 2)}
    assert state.serial == serial + 1
    assert store.fragments(*cell[:1], {cell[1]}, DaySet.span(1, 2)) == ()
    assert store.stray_files() == (StrayFile(path="left/2/aa.parquet", bytes=99), StrayFile(path="new", bytes=99))
    assert store.log()[0].kind is LogKind.CLEANED
    store.swept(lease, (), store.stray_files()[:1])
    assert [file.path for file in store.stray_files()] == ["new"]


def test_values_that_are_forgotten_stay_on_the_list_until_they_are_removed(store: StateStore) -> None:
    lease, plan = begun(store)
    for step, job, output in (
        ("u", UploadJob(dataset=Digest("da7a"), group_by=a_group_by(), day=Day(5)), an_upload(5, "g1")),
        ("t", StreamJob(topic="t", readers=(), since=Day(4)), a_stream("x", "y")),
    ):
        store.record(lease, plan, [Started(step=StepId(step), at=1.0)])
        store.record(lease, plan, [Done(step=StepId(step), job=job, output=output, at=2.0)])

    garbage = Garbage(uploads=(an_upload(5, "g1"),), tiles=frozenset({Digest("x"), Digest("y")}))
    store.forget(lease, garbage, 9.0, "cleaned")

    assert (store.read().uploads, store.read().streams, store.uploads(Digest("da7a"))) == ({}, {}, ())
    listed = (Trash(dataset=Digest("da7a"), generation="g1"), Trash(dataset=Digest("x")), Trash(dataset=Digest("y")))
    assert store.trash() == listed
    store.record(lease, plan, [Started(step=StepId("again"), at=10.0)])
    again = StreamJob(topic="t", readers=(), since=Day(4))
    store.record(lease, plan, [Done(step=StepId("again"), job=again, output=a_stream("x"), at=11.0)])
    assert store.trash() == (listed[0], listed[2]), "pages that live again are not removed"
    store.swept(lease, listed[:1], ())
    assert store.trash() == listed[2:]
    assert store.read().streams == {Digest("x"): Day(4)}


def test_move_that_lost_something_says_when(store: StateStore) -> None:
    lease = moved(store, "prod", [a_snapshot("a")], [a_snapshot("b")])

    for now in (9.0, 10.0):
        store.forget(lease, Garbage(moves=(("prod", 1),)), now, "cleaned")

    assert [move.cleaned for move in store.moves("prod")] == [None, 9.0]


def test_what_plans_need_are_jobs_of_steps_begun_lately_and_the_snapshots_of_the_one_that_runs(
    store: StateStore,
) -> None:
    job, snapshot = a_left_job(DaySet.span(1, 2)), a_snapshot()
    steps = [{"id": f"s{n}", "job": json.loads(to_json(job, Job))} for n in range(2)]
    text = json.dumps({"steps": steps, "snapshots": [json.loads(to_json(snapshot))]})
    lease = a_lease(store)
    store.begin(lease, PlanId("p"), text, 0, 100.0)
    store.record(lease, PlanId("p"), [Started(step=StepId("s1"), at=101.0)])

    assert store.recent(999.0) == Recent(jobs=(job,), snapshots=(snapshot,))
    store.begin(lease, PlanId("p-2"), plan_json(), 0, 200.0)
    assert store.recent(100.0) == Recent(jobs=(job,))
    assert store.recent(100.5) == Recent()


def test_attempts_without_a_record_are_of_plans_that_are_over_or_go_on(store: StateStore) -> None:
    jobs = [a_left_job(DaySet.span(day, day)) for day in range(4)]
    text = json.dumps({"steps": [{"id": f"s{n}", "job": json.loads(to_json(job, Job))} for n, job in enumerate(jobs)]})
    lease, plan = a_lease(store), PlanId("p")
    store.begin(lease, plan, text, 0, 100.0)
    for step in ("s0", "s1", "s2", "s2"):
        store.record(lease, plan, [Started(step=StepId(step), at=101.0)])
    for number in (0, 2):
        store.record(lease, plan, [Done(step=StepId(f"s{number}"), job=jobs[number], output=(), at=102.0)])

    assert store.attempted() == Attempted(held=(jobs[1], jobs[2]), plans=("p",))
    store.begin(lease, PlanId("p-2"), plan_json(), store.read().serial, 200.0)
    assert store.attempted() == Attempted(ended=(jobs[1], jobs[2]), plans=("p-2",)), (
        "s0 was done at once, s3 never begun"
    )


def test_attempts_of_a_plan_that_cannot_be_read_hold_everything_as_long_as_it_goes_on(store: StateStore) -> None:
    job = a_left_job(DaySet.span(1, 2))
    readable = json.dumps({"steps": [{"id": "s", "job": json.loads(to_json(job, Job))}]})
    unreadable = json.dumps({"steps": [{"id": "s", "job": {"kind": "JobOfLater"}}]})
    lease = a_lease(store)
    for number, text in enumerate((readable, unreadable, readable)):
        store.begin(lease, PlanId(f"p-{number}"), text, 0, 100.0 + number)
        store.record(lease, PlanId(f"p-{number}"), [Started(step=StepId("s"), at=101.0)])
        if number == 1:
            assert store.attempted() == Attempted(plans=("p-1",))

    assert store.attempted() == Attempted(ended=(job,), held=(job,), plans=("p-2",))


def test_files_are_recorded_under_their_paths(store: StateStore) -> None:
    fragment = a_fragment(1)
    do(store, *begun(store), a_left_job(DaySet.span(1, 1)), fragment)

    assert store.unrecorded([fragment.path, "left/other"]) == {"left/other"}
    assert store.unrecorded([]) == frozenset()


def moved(store: StateStore, environment: str, *pointed: list[Snapshot]) -> Lease:
    """The lease under which an environment was moved to each of these, one after another, a second each."""
    lease = a_lease(store, now=10_000.0 * (1 + store.read().serial))
    for snapshots in pointed:
        number = len(store.moves(environment)) + 1
        plan = PlanId(f"p-{environment}-{number}")
        store.begin(lease, plan, '{"steps":[],"as_of":7}', store.read().serial, float(number))
        origin = f"from {number}" if 1 < number < 4 else ""
        store.finish(lease, plan, environment, snapshots, float(number), origin)
    return lease


def a_stream(*datasets: str) -> Streamed:
    return Streamed(topic="t", since=Day(4), datasets=tuple(map(Digest, datasets)), events=1, tiles=1)


def test_finish_before_every_step_is_done_is_our_bug(store: StateStore) -> None:
    lease, plan = begun(store, "s0")

    with pytest.raises(InvariantError, match="0 of 1 steps"):
        store.finish(lease, plan, "prod", (a_snapshot(),), 1.0)

    assert store.read() == State()


@pytest.mark.parametrize("wrong", ["sqlit:x", "contract:x", "/x", "sqlite:"])
def test_unknown_address_lists_the_backends(wrong: str) -> None:
    with pytest.raises(ChrononError, match=r"CHR-K014.*sqlite:"):
        open_state(wrong)


PUBLICATION = st.tuples(
    st.sets(st.sampled_from(["aa", "bb", "cc"]), min_size=1),
    st.integers(0, 6),
    st.integers(0, 4),
    st.sets(st.integers(0, 10), max_size=4),
)


@settings(max_examples=25)
@given(publications=st.lists(PUBLICATION, max_size=6))
def test_published_days_equal_a_dictionary(
    new_address: Callable[[], str], publications: list[tuple[set[str], int, int, set[int]]]
) -> None:
    store = open_state(new_address())
    lease, plan = begun(store)
    newest: dict[tuple[str, int], str | None] = {}
    for number, (digests, first, length, filled) in enumerate(publications):
        days = range(first, first + length)
        columns = sorted(digests)
        made = [a_fragment(day, *columns, path=f"{number}/{day}") for day in days if day in filled]
        do(store, lease, plan, a_feature_job(DaySet.span(first, first + length - 1), *columns), *made)
        newest |= {(c, day): f"{number}/{day}" if day in filled else None for c in columns for day in days}

    for column in ("aa", "bb", "cc"):
        found = store.fragments(LEFT, {Digest(column)}, DaySet.span(0, 20))
        assert {(f.day, f.path) for f in found} == {
            (day, path) for (c, day), path in newest.items() if c == column and path
        }
        computed = store.read().computed.get((LEFT, Digest(column)), DaySet())
        assert set(computed) == {day for c, day in newest if c == column}
    store.close()


def test_columns_keep_their_order(store: StateStore) -> None:
    lease, plan = begun(store)
    store.finish(lease, plan, "prod", (a_snapshot(),), 1.0)

    (snapshot,) = store.read().environment("prod").snapshots.values()

    assert list(snapshot.columns) == ["z_first", "a_second"]


def test_days_to_be_made_again_are_noted_once_and_forgotten_as_they_are_made(store: StateStore) -> None:
    lease, plan = begun(store, plan="p-1", noted=a_note("aa", "bb", days=DaySet.span(1, 4), uploads=("da7a", "0ld")))
    do(store, lease, plan, a_feature_job(DaySet.span(2, 3), "aa"))

    store.begin(lease, plan, plan_json(), 0, 1004.0, a_note("aa", days=DaySet.span(1, 4)))

    found = store.read()
    assert found.stale == {(LEFT, "aa"): DaySet.days([1, 4]), (LEFT, "bb"): DaySet.span(1, 4)}
    assert found.stale_uploads == {"da7a", "0ld"}
    store.record(lease, plan, [Started(step=StepId("u"), at=1005.0)])
    upload = UploadJob(dataset=Digest("da7a"), group_by=a_group_by(), day=Day(5))
    store.record(lease, plan, [Done(step=StepId("u"), job=upload, output=an_upload(5, "g1"), at=1006.0)])
    assert store.read().stale_uploads == {"0ld"}


def test_marks_of_tables_are_those_of_the_newest_plan(store: StateStore) -> None:
    lease, _ = begun(store, noted=a_note())
    moved = Mark(files="f3", footers="f4", rows=4, bytes=100)

    store.begin(lease, PlanId("p-2"), plan_json(), 0, 1.0, Noted(marks={("shop.purchases", "ds"): {Day(7): moved}}))

    found = store.marks(["shop.purchases", "shop.visits"])
    kept = a_note().marks["shop.purchases", "ds"][Day(4)]
    assert found == {("shop.purchases", "ds"): {4: kept, 7: moved}}
    assert (store.marks(), store.marks(["shop.visits"])) == (found, {})


def test_left_rows_that_are_other_ones_take_the_columns_of_their_day_with_them(store: StateStore) -> None:
    lease, plan = begun(store)
    do(store, lease, plan, a_left_job(DaySet.span(1, 2)), a_fragment(1, LEFT), a_fragment(2, LEFT))
    do(store, lease, plan, a_feature_job(DaySet.span(1, 2), "aa"), a_fragment(1, "aa"), a_fragment(2, "aa"))

    again = (a_fragment(1, LEFT), a_fragment(2, LEFT, path="other.parquet"))
    do(store, lease, plan, a_left_job(DaySet.span(1, 2)), *again)

    computed = store.read().computed
    assert (computed[LEFT, Digest("aa")], computed[LEFT, LEFT]) == (DaySet.days([1]), DaySet.span(1, 2))
    assert [one.day for one in store.fragments(LEFT, {Digest("aa")}, DaySet.span(1, 2))] == [1]


def test_days_whose_left_rows_ask_on_them_alone_are_known(store: StateStore) -> None:
    lease, plan = begun(store)

    do(store, lease, plan, a_left_job(DaySet.span(1, 3)), a_fragment(1, LEFT, within=True), a_fragment(2, LEFT))

    assert store.read().within == {LEFT: DaySet.days([1, 3])}


def test_runs_are_those_of_the_newest_steps_of_each_work(store: StateStore) -> None:
    lease, plan = begun(store)
    for number in range(RUNS_KEPT + 2):
        step = StepId(f"s{number}")
        store.record(lease, plan, [Started(step=step, at=1.0)])
        run = a_run("left rows shop.checkout" if number == 1 else "upload shop.user", float(number))
        store.record(
            lease, plan, [Done(step=step, job=a_left_job(DaySet.span(number, number)), output=(), at=2.0, run=run)]
        )

    found = store.runs()

    of_upload = [run.seconds for run in found if run.work == "upload shop.user"]
    assert of_upload == [float(n) for n in range(RUNS_KEPT + 1, 1, -1)]
    assert [run.seconds for run in found if run.work == "left rows shop.checkout"] == [1.0]
    assert store.runs_of(plan)[StepId("s1")] == a_run("left rows shop.checkout", 1.0)
    assert store.runs_of(PlanId("p-9")) == {}
