"""Every finding of a repository, of which only what has changed is checked again.

Law: whatever the memory holds, the findings are those of a run without one (tests/validators/test_review.py).
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from chronon.expressions import shapes
from chronon.expressions.shapes import Shapes
from chronon.loaders import broken_objects, load_config
from chronon.loaders.config import Config, is_below
from chronon.loaders.files import listing
from chronon.loaders.memory import Memory
from chronon.loaders.summaries import (
    NOT_LOOKED,
    Answer,
    Looked,
    Said,
    Summary,
    config_digest,
    digest_of_documents,
    digest_of_listing,
    folders_of,
    heard,
    said,
    same_days,
    today_of,
)
from chronon.loaders.survey import MovedError, Survey, survey
from chronon.model.definitions import Catalog
from chronon.model.diagnostics import Diagnostic, in_order
from chronon.model.errors import InvariantError
from chronon.model.specs import Level, Repository
from chronon.model.time import Day
from chronon.validators.build import catalog_of
from chronon.validators.carried import Before, Graph, carried, graph_of
from chronon.validators.closures import Closures, closures_of
from chronon.validators.registry import all_checks
from chronon.validators.remains import found_in_remains


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything that is wrong with a repository.

    definitions: how many could be read.  checked: the documents of those that were not remembered.
    closures:    of its objects; None when nothing could be read.  documents: see `Answer`.
    """

    found: tuple[Diagnostic, ...]
    definitions: int
    checked: tuple[str, ...] = ()
    closures: Closures | None = None
    documents: bytes = b""


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What a run leaves to the next one: the summary of each document, the key and findings of each object, and the graph."""

    summaries: dict[str, Summary]
    checked: dict[str, tuple[bytes, tuple[Said, ...]]]
    graph: Graph | None = None

    @property
    def before(self) -> Before | None:
        """What decides whether keys are still those; None when all of them must be looked for."""
        keys = {path: key for path, (key, _found) in self.checked.items()}
        return Before(self.summaries, keys, self.graph) if self.graph else None


class KeptShapes(msgspec.Struct, frozen=True, array_like=True):
    """The shapes of expressions that were met: who knows the shape of one need not load the parser."""

    shapes: tuple[shapes.Written, ...]


NOTHING = Kept({}, {})
_MAX_SHAPES = 2_000
"""More than people write; a repository in which no two expressions are alike has nothing to remember."""


def review(root: Path, memory: Memory | None, begun: int, looked: Looked = NOT_LOOKED) -> Review:
    """What `validate` finds in a repository.

    root: without links.  begun: nanoseconds since the epoch, now.  looked: what somebody has just found there.
    """
    before = config_digest(root)
    config, found = load_config(root)
    teams = config.teams if config else root / "teams"
    if not is_below(root, teams):
        return Review(found=in_order(found), definitions=0)
    data = (config.tables, config.streams) if config else ()
    checks, today = config.checks if config else {}, today_of(begun)
    with rarely_collected():
        known = (memory.read("kept", Kept) if memory else None) or NOTHING
        try:
            there = looked.listing if looked.config == before else None
            seen = survey(there or listing(root, teams, data), root, known.summaries, begun)
            closures, asked, kept, remaining = _reviewed(seen, known, checks, today, memory)
        except MovedError:
            # Read once more from the beginning; whoever writes faster than that is told so.
            seen = survey(listing(root, teams, data), root, {}, begun)
            closures, asked, kept, remaining = _reviewed(seen, NOTHING, checks, today, memory)
        again = [one for _key, remembered in kept.checked.values() if remembered for one in heard(remembered)]
        made = Review(
            found=in_order((*found, *seen.found, *again, *remaining)),
            definitions=len(seen.paths),
            checked=tuple(sorted(asked)),
            closures=closures,
            documents=digest_of_documents(seen.summaries),
        )
        if memory:
            if kept != known:
                memory.write("kept", kept)
            if config and not found and not seen.unread:
                memory.write("answer", _answer(before, config, seen, made, today))
    return made


def _reviewed(
    seen: Survey, known: Kept, checks: Mapping[str, Level], today: Day, memory: Memory | None
) -> tuple[Closures, list[str], Kept, tuple[Diagnostic, ...]]:
    """Closures of all objects, documents of those that were checked, what to keep, and what is wrong in broken documents."""
    before = known.before
    closures = carried(seen, before, checks, today) if before else None
    closures = closures or closures_of(seen, broken_objects(seen.found), checks, today)
    asked = [path for path, key in closures.keys.items() if path not in known.checked or known.checked[path][0] != key]
    closures.shapes = _shapes(memory)
    n_shapes = len(closures.shapes)
    new = _checked(closures, asked) if asked else {}
    if memory and n_shapes < len(closures.shapes) <= _MAX_SHAPES:
        memory.write("shapes", KeptShapes(closures.shapes.written))
    checked = {path: (key, new[path] if path in new else known.checked[path][1]) for path, key in closures.keys.items()}
    remaining = tuple(found_in_remains(seen.root, seen.found, closures.whole))
    return closures, asked, Kept(seen.summaries, checked, graph_of(closures)), remaining


def _shapes(memory: Memory | None) -> Shapes:
    """Those of expressions that were met before; none without a memory."""
    written = memory.read("shapes", KeptShapes) if memory else None
    return Shapes.of(written.shapes if written else ())


def declared(closures: Closures, documents: Sequence[str], revision: str) -> tuple[Repository, Catalog]:
    """What some documents declare, resolved among the names of the whole. Everything that they need must be among them.

    Law: no finding of the repository is an error. Errors: MovedError when a file has changed since it was looked at.
    """
    context = closures.context(documents)
    repository, catalog = replace(context.repository, revision=revision), catalog_of(context)
    return repository, replace(catalog, revision=revision)


def _checked(closures: Closures, asked: Collection[str]) -> Mapping[str, tuple[Said, ...]]:
    """Path → findings of the object in it, for those asked: found in a repository of these and of what they need."""
    documents = closures.within(asked)
    context = closures.context(documents)
    found: dict[str, list[Diagnostic]] = {path: [] for path in documents}
    for check in all_checks():
        for one in check.run(context):
            if one.span.path not in found:
                raise InvariantError("findings-lie-at-home", f"{check.code} tells of {one.span.path}")
            found[one.span.path].append(one)
    return {path: said(found[path]) for path in asked}


def _answer(before: bytes, config: Config, seen: Survey, made: Review, today: Day) -> Answer:
    last = {day for summary in seen.summaries.values() for day in summary.days}
    uncertain = {path: one.content for path, one in seen.summaries.items() if one.stamp is None}
    return Answer(
        config=before,
        folders=folders_of(config),
        listing=digest_of_listing(seen.listing),
        documents=made.documents,
        content=uncertain,
        definitions=made.definitions,
        found=said(made.found),
        days=same_days(last, today),
    )


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Few searches for garbage while thousands of objects are made that all stay: each would look at them again."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, 50, 1_000)
    try:
        yield
    finally:
        # What stays counts as looked at: else all of it would be searched once, as soon as something is made.
        gc.freeze()
        gc.unfreeze()
        gc.set_threshold(*before)


_OBJECTS = 100_000
"""New objects between two searches among them; expressions that were parsed are tangles, and must not pile up."""
