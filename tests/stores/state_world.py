"""Small builders for the laws of state stores: jobs, outputs, plans that are being applied."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chronon.model.corrections import NOTHING, Mark, Noted, Stale
from chronon.model.dayset import DaySet
from chronon.model.definitions import GroupBy, Part, Rows
from chronon.model.errors import ChrononError
from chronon.model.jobs import (
    Digest,
    FeatureJob,
    Fragment,
    Job,
    LeftJob,
    TableJob,
    Upload,
)
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.plan import PlanId, StepId
from chronon.model.sizes import Run, Size, Work
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.state import Snapshot
from chronon.model.time import Day, Millis
from chronon.schemas.wire import to_plain
from chronon.stores.state import Done, Lease, Started, StateStore

LEFT = Digest("1ef7")
CARRIER = ObjectId(Kind.GROUP_BY, ObjectName("airlines", "carrier"))


def a_group_by() -> GroupBy:
    rows = Rows(kind=SourceKind.EVENTS, table="t", columns=(), selects=())
    return GroupBy(
        id=CARRIER, rows=(rows,), keys=(), features=(), accuracy=Accuracy.TEMPORAL, online=True, tile=Millis(300_000)
    )


def a_left_job(days: DaySet, left: Digest = LEFT) -> LeftJob:
    return LeftJob(left=left, rows=a_group_by().rows[0], days=days)


def a_feature_job(days: DaySet, *digests: str) -> FeatureJob:
    part = Part(group_by=CARRIER, keys={}, prefix="p")
    columns = tuple((Digest(digest), f"c_{digest}") for digest in digests)
    return FeatureJob(left=LEFT, left_columns=(), group_by=a_group_by(), part=part, columns=columns, days=days)


def a_fragment(day: int, *digests: str, path: str = "", within: bool = False) -> Fragment:
    columns = tuple((Digest(digest), f"c_{digest}") for digest in digests)
    name = path or f"left/{day}/{'-'.join(digests)}.parquet"
    return Fragment(left=LEFT, day=Day(day), columns=columns, path=name, rows=3, bytes=99, within=within)


def an_upload(day: int, generation: str) -> Upload:
    return Upload(dataset=Digest("da7a"), day=Day(day), generation=generation, keys=5, bytes=500)


def a_snapshot(name: str = "carrier", fingerprint: str = "f1") -> Snapshot:
    return Snapshot(
        id=ObjectId(Kind.GROUP_BY, ObjectName("airlines", name), 2),
        fingerprint=Digest(fingerprint),
        columns={"z_first": Digest("01"), "a_second": Digest("02")},
        serving=Digest("5e"),
        metadata=Digest("3e"),
        definition='{"text":"✈"}',
        origin=f"teams/airlines/{name}.yaml",
    )


def a_lease(store: StateStore, holder: str = "ada", now: float = 1000.0) -> Lease:
    return store.acquire(holder, lease_s=60, now=now)


def a_note(*columns: str, days: DaySet | None = None, uploads: tuple[str, ...] = ("0ld",)) -> Noted:
    """What a plan notes that begins: two days of a table, and columns of LEFT and uploads that are to be made again."""
    mark = Mark(files="f1", footers="f2", rows=3, bytes=99, within=("paid_ms",))
    return Noted(
        marks={("shop.purchases", "ds"): {Day(4): mark, Day(7): mark}},
        stale=(Stale(left=LEFT, columns=tuple(map(Digest, columns or ("aa",))), days=days or DaySet.span(8, 9)),),
        uploads=tuple(map(Digest, uploads)),
    )


def a_run(work: str = "upload airlines.carrier", seconds: float = 0.5) -> Run:
    return Run(work=Work(work), seconds=seconds, read=Size(rows=7, bytes=70), written=Size(rows=5, bytes=500))


def begun(store: StateStore, *steps: str, plan: str = "p-1", noted: Noted = NOTHING) -> tuple[Lease, PlanId]:
    """A plan of these steps that is being applied from the present state."""
    lease, plan_id = a_lease(store), PlanId(plan)
    store.begin(lease, plan_id, plan_json(*steps), store.read().serial, 1001.0, noted)
    return lease, plan_id


def plan_json(*steps: str) -> str:
    return json.dumps({"steps": [{"id": step} for step in steps]})


def a_plan_json(jobs: Mapping[str, Job], noted: Noted = NOTHING) -> str:
    """The text of a plan with these steps: id → job, and with what it leaves to be computed again."""
    steps = [{"id": step, "job": to_plain(job, Job)} for step, job in jobs.items()]
    stale = [to_plain(each) for each in noted.stale]
    return json.dumps({"steps": steps, "stale": stale, "stale_uploads": list(noted.uploads)})


def do(store: StateStore, lease: Lease, plan: PlanId, job: TableJob, *fragments: Fragment) -> None:
    """One table step of a plan, started and done."""
    step = StepId(f"s{len(store.steps(plan))}")
    store.record(lease, plan, [Started(step=step, at=1002.0)])
    store.record(lease, plan, [Done(step=step, job=job, output=fragments, at=1003.0)])


def leases(store: StateStore, holder: str) -> int:
    """How many of 30 attempts to take and give back the lease met nobody."""
    taken = 0
    for _ in range(30):
        try:
            store.release(a_lease(store, holder))
            taken += 1
        except ChrononError as error:
            if error.code != "CHR-K010":
                raise
    return taken
