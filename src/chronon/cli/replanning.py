"""A plan that looks again only at what can have changed since the last one.

Law: whatever is remembered, the plan is the one that is made of everything (tests/cli/test_replanning.py).
docs/adr/0010-memory-of-plans.md tells what decides that, and why it is enough.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chronon.cli.reading import config_of, root_of
from chronon.cli.recalled import Head, Told, World, nothing_to_do
from chronon.cli.worlds import Question, since
from chronon.loaders.memory import Memory, memory_of
from chronon.loaders.revision import revision_of
from chronon.loaders.summaries import heard, look
from chronon.model.diagnostics import Diagnostic, Severity
from chronon.model.jobs import Digest
from chronon.model.plan import Plan, PlanId
from chronon.model.time import Day

if TYPE_CHECKING:
    from chronon.stores.state import StateStore
    from chronon.validators.closures import Closures


@dataclass(slots=True, kw_only=True)
class Replanning:
    """A repository whose findings are known, before it is planned.

    documents: digest of all documents.  closures: of its objects, when somebody has had to look.
    revision:  what the files are of.  looked_at: how many objects the last plan looked at again; None is all.
    """

    root: Path
    memory: Memory
    begun: int
    found: tuple[Diagnostic, ...]
    documents: bytes
    closures: Closures | None
    revision: str
    looked_at: int | None = None

    @property
    def has_errors(self) -> bool:
        """Whether nothing can be planned."""
        return any(one.severity is Severity.ERROR for one in self.found)

    def plan(self, repo: Path, target: str | None, environment: str, as_of: Day | None, *, whole: bool) -> Plan:
        """The plan. whole: with the snapshots of all objects, not only of those that were looked at.

        Errors: those of a plan.
        """
        from chronon.stores.state import open_state

        config = config_of(repo)
        chosen = config.target(target)
        with closing(open_state(chosen.state)) as store:
            asked = Question(config=config, target=chosen, environment=environment, as_of=as_of, whole=whole)
            return _answer(self, store, asked)

    def known_closures(self) -> Closures | None:
        """The closures of all objects; None when the repository has changed since its findings were told."""
        if self.closures is None:
            from chronon.validators.review import review

            made = review(self.root, self.memory, self.begun)
            if made.documents != self.documents:
                return None
            self.closures = made.closures
        return self.closures


def replanning(repo: Path, begun: int) -> Replanning | None:
    """The repository around a folder with its findings; None when nothing can be remembered of it.

    begun: nanoseconds since the epoch, now.
    """
    root = root_of(repo.absolute().resolve())
    memory = memory_of(root, os.environ) if root else None
    if root is None or memory is None:
        return None
    seen = look(root, memory, begun)
    if answer := seen.answer:
        found, documents = heard(answer.found), answer.documents
        return Replanning(
            root=root,
            memory=memory,
            begun=begun,
            found=found,
            documents=documents,
            closures=None,
            revision=revision_of(root),
        )
    from chronon.validators.review import review

    made = review(root, memory, begun, seen)
    return Replanning(
        root=root,
        memory=memory,
        begun=begun,
        found=made.found,
        documents=made.documents,
        closures=made.closures,
        revision=revision_of(root),
    )


def _answer(again: Replanning, store: StateStore, asked: Question) -> Plan:
    head = again.memory.read(asked.name("plan"), Head)
    moved = since(head, store, asked, again.begun) if head else None
    is_same = head and moved and not moved.is_moved and head.documents == again.documents
    if head and is_same and (head.told.is_whole or not asked.whole):
        plan = _as_told(head.told, head.world, asked, again.revision)
        again.looked_at = 0
        if not asked.whole:
            return plan
        from chronon.cli.whole_plan import with_snapshots

        if filled := with_snapshots(plan, again.memory, store, asked, head):
            return filled
    from chronon.cli.whole_plan import Making
    from chronon.validators.review import rarely_collected

    with rarely_collected():
        making = Making(again=again, store=store, asked=asked)
        made = making.in_part(head, moved) if head and moved else None
        return made or making.of_everything(head)


def _as_told(told: Told, world: World, asked: Question, revision: str) -> Plan:
    """The plan that was told, of the revision that is there now. Its snapshots are left out."""
    if told.said:
        from chronon.schemas.wire import from_json

        plan = from_json(told.said, Plan)
    else:
        plan = nothing_to_do(asked.environment, told.serial, Day(world.until), told.revision, told.untouched)
    if revision == told.revision:
        return replace(plan, id=PlanId(told.id))
    from chronon.planners.planning import id_of

    plan = replace(plan, revision=revision)
    return replace(plan, id=id_of(plan, Digest(told.start), Digest(told.goal)))
