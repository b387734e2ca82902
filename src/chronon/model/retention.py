"""What nobody points at any more, as a value: planners find it, runners remove it."""

from __future__ import annotations

from dataclasses import dataclass, field

from chronon.model.jobs import Digest, Job, Upload
from chronon.model.state import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayFile:
    """A file of the warehouse that is recorded and holds nothing that is read. path: relative to the warehouse."""

    path: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """What plans need that an environment need not point at.

    jobs:      of every step that a plan has started that was begun within the retention, or is being applied.
    snapshots: what the plan that is being applied is going to point at.
    """

    jobs: tuple[Job, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """What can go: everything that no environment points at, and none has pointed at within the retention.

    cells:   (left, column), the left's own rows as (left, left).
    uploads: batch values, one generation each.
    tiles:   datasets of pages.
    moves:   (environment, serial) that lose something by it, and did not before.
    """

    cells: frozenset[tuple[Digest, Digest]] = frozenset()
    uploads: tuple[Upload, ...] = ()
    tiles: frozenset[Digest] = frozenset()
    moves: tuple[tuple[str, int], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to remove."""
        return not (self.cells or self.uploads or self.tiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trash:
    """Values of the KV store that the state has forgotten and that are still to be removed.

    generation: of batch values; empty for pages, which belong to none.
    """

    dataset: Digest
    generation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """What attempts were made at, by whether their plan is over.

    ended: the jobs of attempts that came to no record, of plans that are over: what they left is nobody's.
    held:  the jobs of plans that go on: whoever goes on with one takes over what its attempts have left.
    plans: the ids of those plans.
    """

    ended: tuple[Job, ...] = ()
    held: tuple[Job, ...] = ()
    plans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leavings:
    """What attempts of plans that are over have left, and nobody has ever recorded: each was killed before it could.

    files:   moved into place.  attempts: folders that they worked in, with what they noted there of batch values.
    tiles:   datasets of pages.
    """

    files: tuple[StrayFile, ...] = ()
    attempts: tuple[StrayFile, ...] = ()
    tiles: tuple[Digest, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether they left nothing."""
        return not (self.files or self.attempts or self.tiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Everything that a clean removes.

    mark:    of the state when this was found; of another moment it says nothing.
    garbage: is forgotten before anything is removed.
    files:   all that hold nothing that is read then.
    trash:   what an earlier clean has forgotten and not come to.
    unknown: environments that lead readers somewhere and are not recorded: an apply that was to make them was given up.
    leavings: what was never recorded.
    """

    mark: str = ""
    garbage: Garbage = field(default_factory=Garbage)
    files: tuple[StrayFile, ...] = ()
    trash: tuple[Trash, ...] = ()
    unknown: tuple[str, ...] = ()
    leavings: Leavings = field(default_factory=Leavings)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to remove."""
        return self.garbage.is_empty and self.leavings.is_empty and not (self.files or self.trash or self.unknown)

    @property
    def bytes(self) -> int:
        """How much room it makes in the warehouse."""
        return sum(file.bytes for file in self.files)
