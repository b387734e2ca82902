"""What is said of a plan besides: how it stands to prod, and for how long what it removes is kept."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chronon.cli.reading import PROD, config_of
from chronon.model.time import DAY_S

if TYPE_CHECKING:
    from chronon.model.names import ObjectId
    from chronon.model.plan import Plan
    from chronon.model.state import State
    from chronon.stores.state import StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """beside: how another environment is going to stand to prod.  kept: for how long what is removed is; else empty.

    differing: the objects that are going to differ from prod, and how.
    """

    beside: str = ""
    differing: tuple[tuple[ObjectId, str], ...] = ()
    kept: str = ""


NOTHING_ASIDE = Aside()


def aside_of(plan: Plan, repo: Path, target: str | None) -> Aside:
    """What is said of a plan besides, by what is recorded and the clock of now."""
    from chronon.model.plan import Danger
    from chronon.stores.state import open_state

    removes = any(change.danger is Danger.REMOVAL for change in plan.changes)
    if not removes and plan.environment == PROD:
        return Aside()
    chosen = config_of(repo).target(target)
    with closing(open_state(chosen.state)) as store:
        aside = Aside() if plan.environment == PROD else _beside(plan, store.read())
        return replace(aside, kept=_kept(plan, store, chosen.retention_days)) if removes else aside


def _beside(plan: Plan, state: State) -> Aside:
    """How the environment stands to prod once the plan is applied; a plan may hold no snapshots of what is settled."""
    prod = state.environment(PROD).snapshots
    own = {**state.environment(plan.environment).snapshots, **{snapshot.id: snapshot for snapshot in plan.snapshots}}
    for gone in {change.id for change in plan.changes} - {snapshot.id for snapshot in plan.snapshots}:
        own.pop(gone, None)
    if not prod:
        return Aside()
    differing = tuple(
        (
            identity,
            f"only in {PROD}" if identity not in own else f"other than in {PROD}" if identity in prod else "only here",
        )
        for identity in sorted(prod.keys() | own.keys())
        if prod.get(identity) != own.get(identity)
    )
    same = len(prod.keys() | own.keys()) - len(differing)
    new = "" if plan.environment in state.environments else f"environment {plan.environment} is new; "
    differ = "1 object differs" if len(differing) == 1 else f"{len(differing):,} objects differ"
    return Aside(beside=f"{new}beside {PROD}: {differ}, {same:,} shared", differing=differing)


def _kept(plan: Plan, store: StateStore, days: int) -> str:
    """How what is removed comes back. An environment that removes something has a serial."""
    from chronon.cli.views.status import moment
    from chronon.cli.views.words import plural

    (move,) = store.moves(plan.environment, 1)
    environment = "" if plan.environment == PROD else f" --env {plan.environment}"
    until = moment(time.time() + days * DAY_S)
    back = f"`chronon rollback{environment} --to {move.serial}`"
    return f"kept {plural(days, 'day')}: {back} restores it until {until}"
