"""Checks that look at one of many alike find what they would find by looking at each."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Hashable, Iterable, Iterator
from pathlib import Path
from random import Random

import pytest
from test_cases import CASES, TODAY, all_codes

from chronon.loaders import load
from chronon.model.diagnostics import Diagnostic
from chronon.model.specs import GroupBySpec
from chronon.validators import alike, validate
from chronon.validators.alike import in_expressions, in_group_bys
from chronon.validators.check import Finding
from chronon.validators.context import Context, context_of
from chronon.validators.sites import ExpressionSite

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from definitions.population import Population, write

CODES = [code for code in all_codes() if code.startswith("CHR-V")]


def three_teams(code: str, root: Path) -> Path:
    """The good files of a case, those that it was made of, and the bad ones: each for a team of its own, the good ones first."""
    for team, which in (("a", "good"), ("b", "base"), ("c", "bad")):
        files = root / which
        for folder in (CASES / "base", *([CASES / code / which] if which != "base" else [])):
            shutil.copytree(folder, files, symlinks=True, dirs_exist_ok=True)
        shutil.copy(files / "chronon.yaml", root)
        for own in (files / "teams").iterdir():
            shutil.copytree(own, root / "teams" / f"{team}_{own.name}", symlinks=True)
        shutil.rmtree(files)
    for file in (root / "teams").rglob("*.yaml"):
        text = file.read_text(encoding="latin-1")
        file.write_text(
            re.sub(r"(?:\b|(?<=\blabel_))flights", file.relative_to(root / "teams").parts[0], text), encoding="latin-1"
        )
    return root


def looked_at_each(root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Diagnostic, ...]:
    def apart(keyed: Iterable[tuple[Hashable, object]]) -> tuple[tuple[Hashable, list[object]], ...]:
        return tuple((key, [value]) for key, value in keyed)

    with monkeypatch.context() as patched:
        patched.setattr(alike, "_grouped", apart)
        return validate(root, TODAY)[2]


@pytest.mark.parametrize("code", CODES)
def test_good_and_bad_ones_side_by_side_are_told_as_if_each_were_looked_at(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = three_teams(code, tmp_path)

    found = validate(root, TODAY)[2]

    assert found == looked_at_each(root, monkeypatch)
    assert code in {one.code for one in found}


COLUMNS = "columns: {k: string, x: double, s: string, p: boolean, at: long, nums: list<double>}"
IMAGES = "time: at, reversal: before, columns: {before: boolean}"
SOURCES = {
    "events": f"events: {{table: d.events, time: at, {COLUMNS}}}",
    "streamed": f"events: {{table: d.streamed, topic: file://d.streamed, time: at, {COLUMNS}}}",
    "streamed_too": f"events: {{table: d.streamed_too, topic: file://d.streamed_too, time: at, {COLUMNS}}}",
    "short": f"events: {{table: d.short, time: at, start: 2024-01-01, end: 2024-01-02, {COLUMNS}}}",
    "since": f"events: {{table: d.since, time: at, start: 2024-01-01, {COLUMNS}}}",
    "until": f"events: {{table: d.until, time: at, end: 2024-01-02, {COLUMNS}}}",
    "other": f"events: {{table: d.other, time: at, {COLUMNS.replace('p: boolean', 'p: string')}}}",
    "rows": f"entities: {{table: d.rows, time: at, {COLUMNS}}}",
    "ageless": f"entities: {{table: d.ageless, {COLUMNS}}}",
    "changing": f"entities: {{table: d.one, time: at, {COLUMNS}, mutations: {{table: d.two, topic: file://d.two, {IMAGES}}}}}",
    "offline": f"entities: {{table: d.three, time: at, {COLUMNS}, mutations: {{table: d.four, {IMAGES}}}}}",
}


def grouped(
    source: str, features: str = "{input: x, operations: [sum], windows: [3d]}", more: str = "", keys: str = "k"
) -> str:
    """Only what differs is written in another way: what is alike shares entries of equal text."""
    aggregations = f"aggregations: [{features}]\n" if features else ""
    return f"source: {source}\nkeys: [{keys}]\n{more}{chr(10) if more else ''}{aggregations}"


GROWING = "{input: s, operations: [unique_count]}"
PAIRS = {
    "accuracy": ("V105", grouped("streamed", GROWING, "online: true\naccuracy: snapshot"), grouped("streamed", GROWING, "online: true\naccuracy: temporal")),
    "online": ("V105", grouped("streamed", GROWING), grouped("streamed", GROWING, "online: true")),
    "topic": ("V105", grouped("events", GROWING, "online: true"), grouped("streamed", GROWING, "online: true")),
    "keys": ("V111", grouped("events"), grouped("events", keys="k, x")),
    "aggregations": ("V010", grouped("events"), grouped("events", "{input: x, operations: [summ], windows: [3d]}")),
    "windows": ("V011", grouped("streamed"), grouped("streamed", "{input: x, operations: [sum], windows: [3d, 301s]}")),
    "types": ("V040", grouped("events", "{input: z, operations: [last], elementwise: true}", "select: {z: nums}"), grouped("events", "{input: z, operations: [last], elementwise: true}", "select: {z: x}")),
    "selects": ("V030", grouped("events", more="select: {x: x}"), grouped("events", more="select: {x: x, y: x}")),
    "time of a query": ("V029", grouped("ageless", more="time: at"), grouped("ageless")),
    "time of a source": ("V029", grouped("rows"), grouped("ageless")),
    "start of a query": ("V107", grouped("until"), grouped("until", more="start: 2024-01-01")),
    "end of a query": ("V107", grouped("since"), grouped("since", more="end: 2024-01-02")),
    "start of a source": ("V107", grouped("until"), grouped("short")),
    "end of a source": ("V107", grouped("since"), grouped("short")),
    "kind": ("V014", grouped("rows", ""), grouped("events", "")),
    "mutations": ("V036", grouped("rows", "{input: x, operations: [max]}", "accuracy: temporal"), grouped("changing", "{input: x, operations: [max]}", "accuracy: temporal")),
    "topic of mutations": ("V037", grouped("changing", more="online: true\naccuracy: temporal"), grouped("offline", more="online: true\naccuracy: temporal")),
    "aliases": ("V140", grouped("events"), grouped("events", more="aliases: {old: gone}")),
    "queries": ("V035", "sources: [{source: streamed}]\nkeys: [k]\naggregations: [{input: x, operations: [sum]}]", "sources: [{source: streamed}, {source: streamed_too}]\nkeys: [k]\naggregations: [{input: x, operations: [sum]}]"),
    "conditions": ("V007", grouped("events", more="where: [p]"), grouped("events", more="where: [s]")),
    "columns of conditions": ("V007", grouped("events", more="where: [p]"), grouped("other", more="where: [p]")),
    "columns of selects": ("V005", grouped("events", more="select: {x: 'IF(p, 1, 2)'}"), grouped("other", more="select: {x: 'IF(p, 1, 2)'}")),
    "times": ("V106", grouped("events", more="time: at"), grouped("events", more="time: 'CAST(at AS int)'")),
}  # fmt: skip
"""What two group_bys differ in: the code that is told of the second alone, the first, the second."""


@pytest.mark.parametrize("what", PAIRS)
def test_group_bys_that_differ_in_one_thing_are_not_alike_where_that_matters(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, first, second = PAIRS[what]
    team = tmp_path / "teams/t"
    for folder in ("sources", "group_bys"):
        (team / folder).mkdir(parents=True)
    (tmp_path / "chronon.yaml").write_text("targets: {local: {engine: local, home: .chronon}}\n")
    (team / "team.yaml").write_text("team: t\nowners: [t]\n")
    for name, text in SOURCES.items():
        (team / f"sources/{name}.yaml").write_text(f"source: {name}\n{text}\n")
    for name, text in (("first", first), ("second", second)):
        (team / f"group_bys/{name}.yaml").write_text(f"group_by: {name}\n{text}")

    found = validate(tmp_path, TODAY)[2]

    assert [one.span.path for one in found if one.code == f"CHR-{code}"] == ["teams/t/group_bys/second.yaml"]
    assert found == looked_at_each(tmp_path, monkeypatch)


MISTAKES = (
    *(("double", "string"), ("long", "int"), ("boolean", "string"), ("string", "list<long>"), ("[account]", "[account, amount]")),
    *(("account", "acount"), ("amount", "amonut"), ("value", "valu"), ("7d", "7m"), ("[count]", "[summ]"), ("online: true", "")),
    *(("topic: ", "# topic: "), ("time: paid_at", "time: is_card"), ("time: paid_at", ""), ("card", "1"), ("events:", "entities:")),
    *(("IS NOT NULL", "IS NULL AND FALSE"), ("country <>", "fee <>"), ("windows: [7d]", "windows: [7d, 168h]"), ("source: team_", "source: tem_")),
    *(("windows: [7d]", "windows: [unbounded]"), ("buckets: [country]", "buckets: [fee]"), ("version: 1", "version: 2")),
    *(("select:", "select:\n  extra: fee"), ("keys: [account]", "keys: [account]\naliases: {a_b: value_count_7d}")),
)  # fmt: skip
"""What is written, and what is written in its place."""


@pytest.mark.parametrize("seed", range(4))
def test_mistakes_in_many_files_are_told_as_if_nothing_were_shared(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(seed)
    write(Population(sources=8, group_bys=120, joins=15, teams=4, has_own_names=seed % 2 == 1), tmp_path)
    for file in rng.sample(sorted(tmp_path.glob("teams/**/*.yaml")), 40):
        text = file.read_text()
        old, new = rng.choice([(old, new) for old, new in MISTAKES if old in text] or [("", "")])
        file.write_text(text.replace(old, new, 1) if old else text)

    found = validate(tmp_path, TODAY)[2]

    assert len({one.code for one in found}) > 5
    monkeypatch.setattr("chronon.loaders.shared.Shared.mapping", lambda _shared, _text, _read: None)
    monkeypatch.setattr("chronon.expressions.shapes.Shapes.analyse", lambda _shapes, _sql, _columns: None)
    assert found == looked_at_each(tmp_path, monkeypatch)


def a_context(root: Path) -> Context:
    return context_of(load(three_teams("CHR-V012", root))[0])


def test_group_bys_that_differ_in_names_alone_are_looked_at_once(tmp_path: Path) -> None:
    looked_at: list[str] = []

    def find(_context: Context, spec: GroupBySpec) -> Iterator[Finding]:
        looked_at.append(str(spec.header.id))
        yield from ()

    assert list(in_group_bys(a_context(tmp_path), find)) == []
    assert looked_at == ["a_flights.carrier", "a_flights.plane", "b_flights.carrier", "c_flights.carrier"]


def test_group_bys_that_are_alike_when_something_is_told_of_the_first_then_each_is_looked_at(tmp_path: Path) -> None:
    context = a_context(tmp_path)

    def find(_context: Context, spec: GroupBySpec) -> Iterator[Finding]:
        if spec.header.id.name.name == "plane":
            yield Finding(span=spec.header.span(), message=str(spec.header.id))

    assert [one.message for one in in_group_bys(context, find)] == [f"{team}_flights.plane" for team in "abc"]


def test_expressions_that_are_alike_are_looked_at_once(tmp_path: Path) -> None:
    looked_at: list[str] = []

    def find(_context: Context, site: ExpressionSite) -> Iterator[Finding]:
        looked_at.append(f"{site.header.id} {site.sql}")
        yield from ()

    assert list(in_expressions(a_context(tmp_path), find)) == []
    assert looked_at.count("a_flights.carrier arr_delay") == 1
    assert not any(one.startswith(("b_flights.carrier", "c_flights.carrier")) for one in looked_at)
