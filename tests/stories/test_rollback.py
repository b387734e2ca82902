"""Every kind of change that a plan knows, applied to the shop and rolled back: what was served and stored is there again.

The changes are those of tests/cases/commands: a kind that is added there is rolled back here.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from telling import shop, tell

from chronon.loaders.config import load_config
from chronon.model.time import Day, parse_day
from chronon.runners.deployment import open_deployment

SOUNDNESS = str(Path(__file__).parents[1] / "soundness")
sys.path.insert(0, SOUNDNESS)
try:
    from environments import Seen, World, see
finally:
    sys.path.remove(SOUNDNESS)

CASES = Path(__file__).parents[1] / "cases" / "commands"
DEPLOYED = "@chronon apply --yes"
APART = {"CHR-P113": "needs a stream", "CHR-P119": "what was before is another build's, whose uploads are not here"}

LAST_DAY = parse_day("2024-01-10") or Day(0)
"""Of the tables of the shop."""

KINDS = sorted(
    folder.name
    for folder in CASES.iterdir()
    if re.fullmatch(r"CHR-P1[0-3]\d", folder.name) and folder.name not in APART
)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop after its first apply; beside it, in `fresh`, the shop before."""
    folder = tmp_path_factory.mktemp("shops") / "deployed"
    shutil.copytree(shop(folder.with_name("fresh")), folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        tell(DEPLOYED, folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_change_when_it_is_rolled_back_then_everything_is_as_before_without_a_job(
    kind: str, deployed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "repo"
    rest = given(CASES / kind / "bad", deployed, folder, monkeypatch)
    before = seen(folder)
    rest()
    done(folder, "chronon plan --out plan.json")
    reasons = {change["reason"] for change in json.loads((folder / "plan.json").read_text())["changes"]}
    done(folder, "chronon approve plan.json --reason edited")
    done(folder, "chronon apply plan.json")
    after = seen(folder)

    back = done(folder, "chronon rollback --yes --reason back")

    assert kind in reasons
    assert ": 0 steps in " in back
    assert seen(folder, before) == before
    again = done(folder, "chronon rollback --to 2 --yes --reason again")
    assert ": 0 steps in " in again
    assert seen(folder, after) == after


def given(case: Path, deployed: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A shop to which the case has applied what it begins with; the rest of what it does, to be called."""
    lines = [line for line in (case / "run.sh").read_text().splitlines() if line.strip() and line != "chronon plan"]
    begun = max((place for place, line in enumerate(lines) if "chronon apply" in line), default=-1) + 1
    shutil.copytree(deployed if lines[0] == DEPLOYED else deployed.with_name("fresh"), folder)
    monkeypatch.chdir(folder)
    for line in lines[lines[0] == DEPLOYED : begun]:
        done(folder, line)

    def rest() -> None:
        shutil.copytree(case, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("run.sh"))
        for line in lines[begun:]:
            done(folder, line)

    return rest


def seen(folder: Path, like: Seen | None = None) -> Seen:
    config, _found = load_config(folder)
    assert config is not None
    with open_deployment(config) as deployment:
        world = World(root=folder, tables=folder, deployment=deployment)
        return see(world, "prod", LAST_DAY, None if like is None else like.days)


def done(folder: Path, line: str) -> str:
    said = tell(line, folder)
    assert "[exit" not in said, said
    return said
