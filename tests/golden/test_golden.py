"""Chronon's own answers, case by case, against ours on the local engine and, a few at a time, on Spark.

What a case comes to is recorded in `verdicts.txt`; CHRONON_BLESS=1 rewrites it, but no difference can be blessed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from agreement.cases import Case, load_case, load_cases
from agreement.explanations import EXPLANATIONS, Kind
from agreement.verdicts import judge
from hand_made import HOLD

from chronon.runners.spark.engine import SparkEngine

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "parity.md"
RECORD = HERE / "verdicts.txt"
CASES = load_cases(HERE / "cases")

HEADINGS = {
    Kind.DIFFERS: "Values that differ on purpose",
    Kind.REFUSED: "Definitions that are refused",
    Kind.WORKS: "What works here and fails there",
    Kind.NOT_OFFERED: "Not offered",
}

ON_SPARK = 3
"""How many cases run on Spark in one run of the suite; another three with the next commit."""

COMPUTING = {"join_backfill", "group_by_backfill", "upload"}


def recorded() -> dict[str, str]:
    lines = RECORD.read_text().splitlines() if RECORD.exists() else []
    return {line.partition(":")[0]: line for line in lines}


def record(text: str) -> None:
    """Rewrite one case's line: cases are judged by several processes."""
    name = text.partition(":")[0]
    RECORD.write_text("".join(f"{line}\n" for _, line in sorted((recorded() | {name: text}).items())))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_when_compared_then_nothing_differs_without_a_reason(case: Case, tmp_path: Path) -> None:
    verdict = judge(case, tmp_path)

    assert verdict.different == []
    if os.environ.get("CHRONON_BLESS"):
        record(verdict.text)
    assert verdict.text == recorded()[case.name]


def turn() -> list[Case]:
    """The cases whose turn it is: the number of commits says which."""
    told = subprocess.run(["git", "rev-list", "--count", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    count = int(told.stdout) if told.returncode == 0 else 0
    computed = [case for case in CASES if any(step["kind"] in COMPUTING for step in case.steps)]
    doubled = computed + computed
    start = count * ON_SPARK % len(computed)
    return doubled[start : start + ON_SPARK]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    engine = SparkEngine(tmp_path_factory.mktemp("spark"))
    yield engine
    engine.close()


@pytest.mark.engine
@pytest.mark.parametrize("case", turn(), ids=lambda case: case.name)
def test_case_when_computed_by_spark_then_verdict_is_the_same(case: Case, tmp_path: Path, spark: SparkEngine) -> None:
    verdict = judge(case, tmp_path, spark)

    assert verdict.different == []
    assert verdict.text == recorded()[case.name]


def test_record_when_compared_with_the_cases_then_has_each_once() -> None:
    assert sorted(recorded()) == sorted(case.name for case in CASES)


def test_case_when_in_the_form_that_chronon_wrote_then_is_read_alike(tmp_path: Path) -> None:
    (case,) = (one for one in CASES if one.name == min(one.name for one in CASES))
    for file in case.folder.rglob("*.gz"):
        plain = tmp_path / file.relative_to(case.folder).with_suffix("")
        plain.parent.mkdir(exist_ok=True)
        table = next((one for one in case.tables.values() if one.file.name == plain.name), None)
        rows = table.rows() if table else case.expected(plain.stem)
        plain.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "case.json").write_text((case.folder / "case.json").read_text())

    read = load_case(tmp_path)

    assert [table.rows() for table in read.tables.values()] == [table.rows() for table in case.tables.values()]
    assert [read.expected(step["name"]) for step in read.steps] == [case.expected(s["name"]) for s in case.steps]


@pytest.mark.parametrize("kind", Kind)
def test_parity_page_when_compared_with_the_rules_then_has_a_line_for_each(kind: Kind) -> None:
    _, _, section = PAGE.read_text().partition(f"## {HEADINGS[kind]}\n")
    lines = re.findall(r"^\| ([^|]+) \|", section.partition("\n## ")[0], re.MULTILINE)

    assert lines[:1] == ["rule"]
    assert lines[1:] == [one.id for one in EXPLANATIONS if one.kind is kind]


def test_every_rule_accounts_for_something() -> None:
    told = RECORD.read_text()

    assert [one.id for one in EXPLANATIONS if f" {one.id} × " not in told and one.id not in HOLD] == []


def test_no_rule_or_translation_knows_a_case_by_name() -> None:
    sources = {path.name: path.read_text() for path in (HERE / "agreement").glob("*.py")}

    assert [(name, case.name) for name, text in sources.items() for case in CASES if case.name in text] == []


def test_command_when_a_value_differs_then_says_which_and_fails(tmp_path: Path) -> None:
    case = next(one for one in CASES if len(one.tables) == 2 and "temporal" in str(one.neutral))
    folder = tmp_path / "cases" / case.name
    for file in sorted(case.folder.rglob("*.*")):
        copy = folder / file.relative_to(case.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    step = case.steps[0]["name"]
    rows = case.expected(step)
    column = next(name for name, value in rows[0].items() if name.startswith("g_") and isinstance(value, int))
    rows[0][column] += 1
    (folder / "expected" / f"{step}.jsonl.gz").unlink()
    (folder / "expected" / f"{step}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    told = subprocess.run(
        ["make", "golden", f"DIR={tmp_path / 'cases'}"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert told.returncode != 0
    assert "DIFFERENT: 1" in told.stdout
    assert f"{column}: ours" in told.stdout
