"""One attempt at a fetch: what to read for some requests, and what the read bytes make of each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chronon.model.errors import ChrononError
from chronon.model.time import Millis
from chronon.serving.contract import Request, Status
from chronon.serving.parts import Lookup, Outcome, PartReader, Reach
from chronon.serving.recipe import Recipe

Answered = tuple[Millis, Sequence[Outcome]]
"""The moment of a request and the outcomes of all parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """For every request its moment and, for every part, a lookup or an outcome that needs no store.

    keys: every key to read, once: the recipe's records, then values.
    """

    recipe: Recipe
    rows: tuple[tuple[Millis, tuple[Lookup | Outcome, ...]], ...]
    keys: tuple[bytes, ...]

    def is_outdated(self, found: Mapping[bytes, bytes | None]) -> bool:
        """Whether something was published since the recipe was compiled, so that the keys may be the wrong ones."""
        return any(found[key] != stored for key, stored in self.recipe.records.items())

    def read(self, found: Mapping[bytes, bytes | None]) -> Iterator[Answered]:
        """The outcomes of every request; a lookup that several share is finished once."""
        finished: dict[Lookup, Outcome] = {}
        for at, row in self.rows:
            outcomes = []
            for part, asked in zip(self.recipe.parts, row, strict=True):
                if isinstance(asked, Lookup):
                    if asked not in finished:
                        finished[asked] = part.read(asked, found)
                    outcomes.append(finished[asked])
                else:
                    outcomes.append(asked)
            yield at, outcomes

    def unread(self, failed: ChrononError) -> Iterator[Answered]:
        """The outcomes when the store did not answer: what needed no store stands, the rest says so."""
        outcome = Outcome(status=Status.READ_FAILED, detail=failed.message)
        for at, row in self.rows:
            yield at, [outcome if isinstance(asked, Lookup) else asked for asked in row]


def sheet_of(recipe: Recipe, requests: Sequence[Request], now: Millis) -> Sheet:
    """What to read for some requests."""
    questions = _Questions()
    rows = []
    for request in requests:
        at = now if request.at is None else request.at
        row = [questions.ask(index, part, request, at) for index, part in enumerate(recipe.parts)]
        rows.append((at, tuple(row)))
    return Sheet(recipe=recipe, rows=tuple(rows), keys=(*recipe.records, *questions.keys))


@dataclass(slots=True)
class _Questions:
    """What has been asked so far: equal questions of several requests share one lookup, equal keys one read."""

    reaches: dict[tuple[int, Millis], Reach | Outcome] = field(default_factory=dict)
    lookups: dict[tuple[int, bytes, Millis], Lookup] = field(default_factory=dict)
    keys: dict[bytes, None] = field(default_factory=dict)

    def ask(self, index: int, part: PartReader, request: Request, at: Millis) -> Lookup | Outcome:
        entity = part.entity(request.keys)
        if isinstance(entity, Outcome):
            return entity
        known = self.lookups.get((index, entity, at))
        if known is not None:
            return known
        reach = self.reaches.get((index, at))
        if reach is None:
            reach = self.reaches[index, at] = part.reach(at)
        if isinstance(reach, Outcome):
            return reach
        found = self.lookups[index, entity, at] = part.look_up(entity, reach)
        self.keys[found.batch] = None
        for page in found.pages:
            self.keys[page] = None
        return found
