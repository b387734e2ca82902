"""Whether a plan is enough: an edit applied to what is there, and a rebuild from nothing, compared cell by cell and bit by bit.

Streams are left out: tiles need an engine of their own, and tests/line holds them against training rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tables import FIRST, N_DAYS, write_tables
from test_soundness import Silent, visible
from test_soundness import deployed as opened

from cases import Declared, declared
from chronon.cli.drafting import tables_of
from chronon.model.jobs import StreamJob
from chronon.model.plan import Plan
from chronon.model.time import Day
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment

AS_OF = Day(FIRST + N_DAYS - 1)


def apply(deployment: Deployment, found: Declared) -> None:
    """Applies a plan but for its streams; afterwards nothing else is left to do."""
    plan = _without_streams(_plan(deployment, found))
    if not plan.is_empty:
        gates = [gate.id for gate in plan.gates]
        deployment.state.approve(plan.id, plan.base_serial, gates, who="test", reason="an edit", now=0.0)
        apply_plan(deployment, plan, holder="test", observer=Silent())
    assert _without_streams(_plan(deployment, found)).is_empty


def grown(root: Path) -> None:
    """Deploys what a folder declares, over tables of its own."""
    write_tables(root / "data")
    with opened(root) as deployment:
        apply(deployment, declared(root))


def differing(ours: Path, new: Path) -> list[str]:
    """What is seen otherwise in a deployment to which an edit is applied than in a new one of the same definitions."""
    with opened(ours) as deployment, opened(new) as fresh:
        found = declared(ours)
        apply(deployment, found)
        apply(fresh, found)
        seen, rebuilt = (visible(one, found.catalog, fresh, AS_OF) for one in (deployment, fresh))
    return [name for name in rebuilt if seen[name] != rebuilt[name]]


def differing_after(root: Path, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The same of files: deployed as they were, then as they are."""
    ours, new = root / "ours", root / "new"
    _write(ours, before)
    grown(ours)
    shutil.rmtree(ours / "teams")
    for folder in (ours, new):
        _write(folder, after)
    (new / "data").symlink_to(ours / "data")
    return differing(ours, new)


def _write(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def _plan(deployment: Deployment, found: Declared) -> Plan:
    available = deployment.tables.availability(tables_of(found.catalog))
    state = deployment.state.read()
    return make_plan(found.catalog, found.repository, state, available, environment="prod", as_of=AS_OF)


def _without_streams(plan: Plan) -> Plan:
    return replace(plan, steps=tuple(step for step in plan.steps if not isinstance(step.job, StreamJob)))
