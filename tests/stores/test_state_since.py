"""The difference of a state: what was recorded since a mark, over every backend."""

from __future__ import annotations

from state_world import (
    LEFT,
    a_feature_job,
    a_fragment,
    a_group_by,
    a_lease,
    a_left_job,
    a_note,
    a_plan_json,
    a_snapshot,
    an_upload,
    begun,
    do,
    plan_json,
)

from chronon.model.dayset import DaySet
from chronon.model.jobs import Digest, Job, Output, Streamed, StreamedGroupBy, StreamJob, UploadJob
from chronon.model.plan import GateId, PlanId, StepId
from chronon.model.state import Snapshot, Touched
from chronon.model.time import Day
from chronon.stores.state import Done, Failed, Lease, Started, StateStore


def test_touched_names_what_was_recorded_since_a_mark_and_nothing_else(store: StateStore) -> None:
    lease, plan = begun(store, "s0")
    do(store, lease, plan, a_left_job(DaySet.span(1, 2)), a_fragment(1))
    store.finish(lease, plan, "prod", (a_snapshot("kept"), a_snapshot("left")), 1.0)
    mark, before = store.mark(), store.rows("prod")
    feature, left = a_feature_job(DaySet.span(1, 2), "c1"), a_left_job(DaySet.span(4, 4), Digest("other"))
    upload = UploadJob(dataset=Digest("da7a"), group_by=a_group_by(), day=Day(5))
    reader = StreamedGroupBy(dataset=Digest("t1"), group_by=a_group_by())
    stream = StreamJob(topic="file://t", readers=(reader,), since=Day(3))
    streamed = Streamed(topic="file://t", since=Day(3), datasets=(Digest("t1"),), events=1, tiles=1, position=7)
    done: dict[str, tuple[Job, Output]] = {
        "f": (feature, ()),
        "l": (left, ()),
        "u": (upload, an_upload(5, "g1")),
        "s": (stream, streamed),
    }
    text = a_plan_json({name: job for name, (job, _output) in done.items()}, a_note())
    store.begin(lease, PlanId("p-2"), text, store.read().serial, 2.0, a_note())
    for name, (job, output) in done.items():
        store.record(lease, PlanId("p-2"), [Started(step=StepId(name), at=2.0)])
        store.record(lease, PlanId("p-2"), [Done(step=StepId(name), job=job, output=output, at=2.0)])
    store.finish(lease, PlanId("p-2"), "prod", (a_snapshot("kept"), a_snapshot("new")), 3.0)
    rows = store.rows("prod")

    touched = store.touched(mark, "prod")

    assert touched == Touched(
        mark=store.mark(),
        stored={LEFT: frozenset({"c1", "aa"}), Digest("other"): frozenset({"other"})},
        datasets=frozenset(map(Digest, ("da7a", "t1", "0ld"))),
        tables=frozenset({"t"}),
        came=frozenset({rows[a_snapshot("new").id]}),
        gone=frozenset({before[a_snapshot("left").id]}),
    )
    elsewhere = store.touched(mark, "elsewhere")
    assert elsewhere is not None
    assert (elsewhere.came, elsewhere.gone, elsewhere.datasets) == (frozenset(), frozenset(), touched.datasets)
    assert store.touched(store.mark(), "prod") == Touched(mark=store.mark())


def test_touched_of_a_plan_that_was_killed_is_what_it_had_done(store: StateStore) -> None:
    lease = a_lease(store)
    jobs = {"done": a_feature_job(DaySet.span(1, 2), "c1"), "failed": a_feature_job(DaySet.span(1, 2), "c2")}
    store.begin(lease, PlanId("p-1"), a_plan_json(jobs), 0, 1.0)
    mark = store.mark()
    store.record(lease, PlanId("p-1"), [Started(step=StepId(name), at=2.0) for name in jobs])
    store.record(
        lease,
        PlanId("p-1"),
        [
            Done(step=StepId("done"), job=jobs["done"], output=(), at=2.0),
            Failed(step=StepId("failed"), error="no", at=2.0),
        ],
    )
    store.unlock("bob", 3.0)

    assert store.touched(mark, "prod") == Touched(mark=store.mark(), stored={LEFT: frozenset({"c1"})})


def test_touched_of_an_environment_that_is_destroyed_is_all_that_it_pointed_at(store: StateStore) -> None:
    lease = pointed(store, "pr", a_snapshot())
    mark, (number,) = store.mark(), store.rows("pr").values()
    store.destroy(lease, "pr", 50.0)

    assert store.touched(mark, "pr") == Touched(mark=store.mark(), gone=frozenset({number}))
    assert store.touched(mark, "prod") == Touched(mark=store.mark())


def test_touched_of_a_snapshot_that_went_and_came_back_is_told(store: StateStore) -> None:
    lease = pointed(store, "prod", a_snapshot())
    mark, (number,) = store.mark(), store.rows("prod").values()
    store.destroy(lease, "prod", 50.0)
    store.begin(lease, PlanId("p-back"), plan_json(), store.read().serial, 51.0)
    store.finish(lease, PlanId("p-back"), "prod", (a_snapshot(),), 52.0)

    touched = store.touched(mark, "prod")

    assert touched is not None
    assert touched.came == touched.gone == {number}


def test_touched_since_the_mark_of_a_state_that_was_restored_is_not_told(store: StateStore) -> None:
    lease = pointed(store, "prod", a_snapshot())
    earlier, dump = store.mark(), store.dump()
    store.approve(PlanId("p-x"), store.read().serial, [GateId("g")], who="ada", reason="", now=60.0)
    later = store.mark()
    store.load(lease, dump, replace=True)
    restored = store.touched(later, "prod")
    store.unlock("bob", 61.0)

    assert restored is None
    assert store.touched(later, "prod") is None
    assert store.touched(earlier, "prod") == Touched(mark=store.mark())


def test_touched_is_not_told_of_a_step_that_the_plan_does_not_tell(store: StateStore) -> None:
    mark = store.mark()
    lease, plan = begun(store, "s0")
    do(store, lease, plan, a_left_job(DaySet.span(1, 2)), a_fragment(1))

    assert store.touched(mark, "prod") is None


def test_touched_reads_a_plan_that_the_caller_knows_from_there(store: StateStore) -> None:
    mark, job = store.mark(), a_left_job(DaySet.span(1, 2))
    lease, plan = begun(store, "s0")
    do(store, lease, plan, job, a_fragment(1))

    touched = store.touched(mark, "prod", {plan: a_plan_json({"s0": job})})

    assert touched == Touched(mark=store.mark(), stored={LEFT: frozenset({LEFT})}, tables=frozenset({"t"}))


def test_fingerprints_are_those_of_what_an_environment_points_at(store: StateStore) -> None:
    pointed(store, "prod", a_snapshot("tail", "f2"), a_snapshot("carrier"))

    found = store.fingerprints("prod")

    assert found == {identity: one.fingerprint for identity, one in store.read().environment("prod").snapshots.items()}
    assert (sorted(found.values()), store.fingerprints("other")) == (["f1", "f2"], {})


def pointed(store: StateStore, environment: str, *snapshots: Snapshot) -> Lease:
    """The lease under which an environment was made to point at these."""
    lease, plan = begun(store)
    store.finish(lease, plan, environment, snapshots, 1.0)
    return lease
