"""The least is enough: after every edit, applying its plan to real files ends where a rebuild from nothing does.

Training rows and served values are compared cell by cell and bit by bit, with the machinery of tests/soundness. Cases
rotate with the commit; CHRONON_PRECISION says how many. Streams are left out: tiles need an engine (tests/line has them).
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tables import FIRST, N_DAYS, write_tables
from test_soundness import SEED, Silent, visible
from test_soundness import deployed as opened

from cases import SHOP, Declared, declared, edited, names
from chronon.cli.drafting import tables_of
from chronon.model.jobs import StreamJob
from chronon.model.plan import Plan
from chronon.model.time import Day
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment

AS_OF = Day(FIRST + N_DAYS - 1)
COUNT = int(os.environ.get("CHRONON_PRECISION", "5"))
CHOSEN = sorted(random.Random(SEED).sample(names(), min(COUNT, len(names()))))

WITHOUT_FOLDERS = {"partition_other"}
"""Cases whose tables are called otherwise than those of this test."""


@pytest.fixture(scope="module")
def homes() -> Iterator[Path]:
    memory = Path("/dev/shm")  # noqa: S108 - a name of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def grown(homes: Path) -> Path:
    """The shop, applied as it is."""
    root = homes / "grown"
    shutil.copytree(SHOP, root)
    write_tables(root / "data")
    with opened(root) as deployment:
        apply(deployment, declared(root))
    return root


def apply(deployment: Deployment, found: Declared) -> None:
    """Applies a plan but for its streams; afterwards nothing else is left to do."""
    plan = without_streams(plan_of(deployment, found))
    if not plan.is_empty:
        gates = [gate.id for gate in plan.gates]
        deployment.state.approve(plan.id, plan.base_serial, gates, who="test", reason="a case", now=0.0)
        apply_plan(deployment, plan, holder="test", observer=Silent())
    assert without_streams(plan_of(deployment, found)).is_empty


def plan_of(deployment: Deployment, found: Declared) -> Plan:
    available = deployment.tables.availability(tables_of(found.catalog))
    state = deployment.state.read()
    return make_plan(found.catalog, found.repository, state, available, environment="prod", as_of=AS_OF)


def without_streams(plan: Plan) -> Plan:
    return replace(plan, steps=tuple(step for step in plan.steps if not isinstance(step.job, StreamJob)))


@pytest.mark.slow
@pytest.mark.parametrize("case", CHOSEN)
def test_edit_when_applied_ends_where_a_rebuild_does(case: str, grown: Path, homes: Path) -> None:
    root, new = homes / case / "ours", homes / case / "new"
    for folder in (root, new):
        edited(case, folder)
        (folder / "data").symlink_to(grown / "data")
    shutil.copytree(grown / "home", root / "home")

    with opened(root) as deployment, opened(new) as fresh:
        found = declared(root)
        apply(deployment, found)
        apply(fresh, found)
        ours, rebuilt = (visible(one, found.catalog, fresh, AS_OF) for one in (deployment, fresh))

    shutil.rmtree(homes / case)
    assert [name for name in rebuilt if ours[name] != rebuilt[name]] == []
