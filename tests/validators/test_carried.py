"""Keys that are carried over from an earlier run are those that a run without one finds."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest
from test_cases import CASES, TODAY

from chronon.loaders import broken_objects
from chronon.loaders.files import listing
from chronon.loaders.summaries import Summary
from chronon.loaders.survey import Survey, survey
from chronon.model.specs import Level
from chronon.model.time import Day, parse_day
from chronon.validators.carried import Before, carried, graph_of
from chronon.validators.closures import Closures, closures_of

LATER = Day(parse_day("2026-06-01") or 0)
"""When what is deprecated has gone."""

FOLDER = "teams/flights"
FILES = {
    f"{FOLDER}/team.yaml": [
        "team: flights\nowners: [a@example.com]\n",
        "team: flights\nowners: [b@example.com]\nchecks: {described: warning}\n",
    ],
    f"{FOLDER}/sources/a.yaml": [
        "source: a\nevents: {table: d.t, time: at, columns: {x: long, at: long}}\n",
        "source: a\nevents: {table: d.t, time: at, columns: {x: int, at: long}}\n",
        "source: a\nevents: {table: d.u, time: at, columns: {x: long, at: long}}\n",
    ],
    f"{FOLDER}/sources/b.yaml": [
        "source: b\nevents: {table: d.t, time: at, columns: {x: long, at: long}}\n",
        "source: b\ndeprecated: {until: 2026-01-01, use: a}\nevents: {table: d.t, time: at, columns: {x: long, at: long}}\n",
    ],
    f"{FOLDER}/group_bys/g.yaml": [
        f"group_by: g\nsource: {source}\nkeys: [x]\naggregations: [{{input: x, operations: [count], windows: [{window}]}}]\n"
        for source, window in (("a", "1d"), ("a", "7d"), ("b", "1d"), ("nowhere", "1d"))
    ],
    f"{FOLDER}/joins/j.yaml": [
        f"join: j\nleft: {{source: {source}, select: {{x: x}}}}\nparts: [g]\n" for source in ("a", "b")
    ],
    f"{FOLDER}/group_bys/h.yaml": [
        "group_by: h\nsources: [{join: j, select: {x: x}}]\nkeys: [x]\naggregations: [{input: x, operations: [count], windows: [1d]}]\n",
        "group_by: h\nsources: [{join: k, select: {x: x}}]\nkeys: [x]\naggregations: [{input: x, operations: [count], windows: [1d]}]\n",
    ],
    f"{FOLDER}/joins/k.yaml": [
        "join: k\nleft: {source: a, select: {x: x}}\nparts: [g]\n",
        "join: k\nleft: {source: a, select: {x: x}}\nparts: [h]\n",
        "join: k\nleft: []\n",
    ],
}


def edit(root: Path, chance: random.Random) -> None:
    """A file says something else, or the same again, or goes."""
    path = chance.choice(list(FILES))
    file, texts = root / path, FILES[path]
    if chance.randrange(20) == 0:
        file.unlink(missing_ok=True)
        return
    # The first two mostly hang together with others in one way: those that do otherwise are rarer.
    file.write_text(chance.choice(texts if chance.randrange(4) == 0 else texts[:2]), encoding="utf-8")


def put_back(root: Path) -> None:
    """Every file says what it said at first."""
    for path, texts in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(texts[0], encoding="utf-8")


def surveyed(root: Path, known: dict[str, Summary]) -> Survey:
    return survey(listing(root, root / "teams"), root, known, time.time_ns() + 3_600 * 10**9)


def told(closures: Closures) -> object:
    """Everything that closures say."""
    whole = closures.whole
    asked = (whole.unread, dict(whole.served), whole.cycles, whole.references.objects, whole.references.hidden)
    return closures.keys, closures.reads, closures.places, closures.teams, *asked


@pytest.mark.parametrize("seed", range(8))
def test_closures_when_files_are_edited_at_random_then_are_those_of_a_first_run(seed: int, tmp_path: Path) -> None:
    chance, root = random.Random(seed), tmp_path / "repository"
    shutil.copytree(CASES / "base", root)
    known: dict[str, Summary] = {}
    before: Before | None = None
    n_carried = 0
    for step in range(90):
        if step % 9 == 0:
            put_back(root)
        for _ in range(chance.randrange(3)):
            edit(root, chance)
        seen, today = surveyed(root, known), TODAY if chance.randrange(5) else LATER
        checks = {"described": Level.WARNING if chance.randrange(5) else Level.OFF}
        expected = closures_of(seen, broken_objects(seen.found), checks, today)

        found = carried(seen, before, checks, today) if before else None

        assert found is None or told(found) == told(expected)
        n_carried += found is not None
        known, graph = seen.summaries, graph_of(expected)
        before = Before(known, expected.keys, graph) if graph else None

    assert n_carried > 10
