"""What an author can do instead of a change that breaks readers: another version beside, or a former name that stays."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.plan import Danger
from chronon.model.specs import Repository
from chronon.model.state import Snapshot
from chronon.planners.snapshots import header_of
from chronon.validators.bumping import Following, following_versions, next_version

_BREAKING = frozenset({"CHR-P104", "CHR-P105", "CHR-P106", "CHR-P107", "CHR-P109", "CHR-P110"})
"""Reasons for which the same version gives its readers something else than before."""

_READ = re.compile(r'"(group_by|join)/([a-z0-9_]+\.[a-z0-9_]+)@([0-9]+)"')
_SHOWN = 3


class Advisor:
    """Hints for changes of one plan. Who reads what and who is called what is looked up once, and only when somebody has to know."""

    def __init__(self, desired: Sequence[Snapshot], repository: Repository) -> None:
        self._desired = desired
        self._repository = repository
        self._readers: dict[ObjectId, list[ObjectId]] | None = None
        self._following: Following | None = None

    def hint(self, identity: ObjectId, danger: Danger, reason: str, renamed: Sequence[tuple[str, str]]) -> str:
        """What to do instead of a change that the object's own file makes; empty where it breaks nobody."""
        alias = _alias(renamed)
        if reason not in _BREAKING or danger is Danger.METADATA:
            return alias
        if self._following is None:
            self._following = following_versions(self._repository)
        header = header_of(identity, self._repository)
        bump = f"where that is not meant, {next_version(header, self._following, self._readers_of(identity))}"
        return f"{alias}; {bump}" if alias else bump

    def _readers_of(self, identity: ObjectId) -> Sequence[ObjectId]:
        if self._readers is None:
            self._readers = {}
            for snapshot in self._desired:
                for read in sorted(read_in(snapshot)):
                    if read != snapshot.id:
                        self._readers.setdefault(read, []).append(snapshot.id)
        return self._readers.get(identity, ())


def read_in(snapshot: Snapshot) -> frozenset[ObjectId]:
    """The objects that a snapshot's definition names, itself among them."""
    return frozenset(_identity(*found) for found in _READ.findall(snapshot.definition))


def _identity(kind: str, name: str, version: str) -> ObjectId:
    team, _dot, own = name.partition(".")
    return ObjectId(Kind(kind), ObjectName(team, own), int(version))


def _alias(renamed: Sequence[tuple[str, str]]) -> str:
    """How renamed columns keep their former names."""
    if not renamed:
        return ""
    pairs = ", ".join(f"{old}: {new}" for old, new in renamed[:_SHOWN])
    more = ", …" if len(renamed) > _SHOWN else ""
    return f"`aliases: {{{pairs}{more}}}` keeps former names readable"
