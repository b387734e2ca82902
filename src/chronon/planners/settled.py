"""Objects of which a plan says nothing: deployed as they are declared, lacking nothing. They can be left out of the next plan.

Law: a plan over what is not settled, with all that this reads and shares data with, is the plan over everything
(tests/cli/test_recalled.py). docs/adr/0010-memory-of-plans.md tells why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, assert_never

from chronon.model.jobs import DerivationJob, Digest, FeatureJob, Job, LeftJob, StreamJob, UploadJob
from chronon.model.names import ObjectId
from chronon.model.plan import Plan, Step
from chronon.model.state import Snapshot
from chronon.planners.fingerprints import Digests
from chronon.planners.snapshots import content_of

K = TypeVar("K")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What of a settled object can matter to the others.

    content: digest of its snapshot.
    left, columns: of a join, under what its columns are stored, and the digests of all of them, one after another as bytes.
    serving, stream: of a group_by, its datasets.
    """

    content: Digest
    left: Digest | None = None
    columns: bytes = b""
    serving: Digest | None = None
    stream: Digest | None = None


class Sharing(Protocol):
    """An object with what it may share with others."""

    @property
    def left(self) -> str | None: ...
    @property
    def columns(self) -> bytes: ...
    @property
    def serving(self) -> str | None: ...
    @property
    def stream(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is known of the objects that are left out of a catalog because they are settled.

    base: digest of everything that the environment points at (`planning.base_of`); None where nothing is left out.
    contents: of their snapshots.
    """

    base: Digest | None = None
    contents: Sequence[Digest] = ()


NO_REST = Rest()
"""Where nothing is left out."""


@dataclass(frozen=True, slots=True)
class Made:
    """What steps make. stored: left → digests of columns.  datasets: of values and of tiles."""

    stored: Mapping[str, frozenset[Digest]]
    datasets: frozenset[str]


def settled_of(
    plan: Plan, digests: Digests, snapshots: Iterable[Snapshot], deployed: Mapping[ObjectId, Snapshot]
) -> dict[ObjectId, Settled]:
    """The settled objects of a plan over everything that is declared. snapshots: of what is declared."""
    told = {change.id for change in plan.changes} | {gap.id for gap in plan.gaps} | {step.object for step in plan.steps}
    told |= {reader.id for drift in plan.drift for reader in drift.readers}
    exact = (each for each in snapshots if each.id not in told and deployed.get(each.id) == each)
    known = {snapshot.id: _settled(snapshot, digests) for snapshot in exact}
    concerned = set(concerned_by(made_by(plan.steps), known))
    return {identity: one for identity, one in known.items() if identity not in concerned}


def made_by(steps: Iterable[Step], given_up: Iterable[Digest] = ()) -> Made:
    """The columns and datasets that steps make. given_up: datasets that somebody reads no longer: who else does, is told."""
    stored: dict[str, set[Digest]] = {}
    datasets: set[str] = set(given_up)
    for step in steps:
        left, columns, made = _outputs(step.job)
        if left is not None:
            stored.setdefault(left, set()).update(columns)
        datasets.update(made)
    return Made({left: frozenset(columns) for left, columns in stored.items()}, frozenset(datasets))


def concerned_by(made: Made, settled: Mapping[K, Sharing]) -> Iterator[K]:
    """Those that have some of what is made among their own, too: who makes it for whom is told of all of them together."""
    for key, one in settled.items():
        columns = made.stored.get(one.left, ()) if one.left is not None else ()
        is_stored = any(bytes.fromhex(column) in one.columns for column in columns)
        if is_stored or one.serving in made.datasets or one.stream in made.datasets:
            yield key


def _outputs(job: Job) -> tuple[Digest | None, Iterable[Digest], Iterable[Digest]]:
    """The left of a job, the columns that it makes of it, the datasets that it makes."""
    match job:
        case LeftJob():
            return job.left, (job.left,), ()
        case FeatureJob() | DerivationJob():
            return job.left, (column for column, _name in job.columns), ()
        case UploadJob():
            return None, (), (job.dataset,)
        case StreamJob():
            return None, (), (reader.dataset for reader in job.readers)
        case _:
            assert_never(job)


def _settled(snapshot: Snapshot, digests: Digests) -> Settled:
    join = digests.joins.get(snapshot.id)
    if join is None:
        return Settled(content=content_of(snapshot), serving=snapshot.serving, stream=snapshot.stream)
    columns = sorted(join.stored)
    return Settled(content=content_of(snapshot), left=join.left, columns=b"".join(map(bytes.fromhex, columns)))
