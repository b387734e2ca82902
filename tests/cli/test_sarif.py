"""`chronon validate --format sarif`: a log of the shape of SARIF 2.1.0, exact regions, fingerprints that stay."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chronon.cli.app import run

HERE = Path(__file__).parent
CASES = HERE.parent / "cases" / "checks"
SHAPE = Draft202012Validator(json.loads((HERE / "sarif_part.schema.json").read_text()))
CODES = sorted(folder.name for folder in CASES.iterdir() if folder.name != "base")
CARRIER = "teams/flights/group_bys/carrier.yaml"


def repository(folder: Path, *cases: str) -> Path:
    """The base of the cases with some mistakes laid over it."""
    shutil.copytree(CASES / "base", folder)
    for case in cases:
        shutil.copytree(CASES / case / "bad", folder, symlinks=True, dirs_exist_ok=True)
    return folder


def sarif(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    """The one run of the log."""
    run(["validate", "--format", "sarif", "--repo", str(folder), *more])
    log = json.loads(capsys.readouterr().out)
    assert [error.message for error in SHAPE.iter_errors(log)] == []
    (found,) = log["runs"]
    return dict(found)


def fingerprints(found: dict[str, Any]) -> list[str]:
    return sorted(result["partialFingerprints"]["chronon/v1"] for result in found["results"])


def pointed_at(folder: Path, result: dict[str, Any]) -> str:
    """The text that a result's region covers."""
    place = result["locations"][0]["physicalLocation"]
    region = place["region"]
    line = (folder / place["artifactLocation"]["uri"]).read_text().splitlines()[region["startLine"] - 1]
    return line[region["startColumn"] - 1 : region["endColumn"] - 1]


@pytest.mark.parametrize("code", CODES)
def test_sarif_when_a_case_is_checked_then_has_its_shape_and_a_rule_per_code(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = sarif(repository(tmp_path / "repo", code), capsys)

    rules = found["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in found["results"]] == [
        result["ruleId"] for result in found["results"]
    ]
    assert code in {result["ruleId"] for result in found["results"]}
    assert len(set(fingerprints(found))) == len(found["results"])


def test_sarif_when_nothing_is_wrong_then_has_no_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = sarif(repository(tmp_path / "repo"), capsys)

    assert found["results"] == []
    assert found["tool"]["driver"]["rules"] == []


def test_regions_when_compared_with_the_files_then_cover_the_tokens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = repository(tmp_path / "repo", "CHR-V010")

    covered = [pointed_at(folder, result) for result in sarif(folder, capsys)["results"]]

    assert covered == ["cuont", "last_k", "count", "sum", "median", "max", "last"]


def test_fingerprints_when_lines_move_and_files_are_reformatted_then_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = repository(tmp_path / "repo", "CHR-V010")
    before = fingerprints(sarif(folder, capsys))
    file = folder / CARRIER
    file.write_text("# how late\n\n" + file.read_text().replace("online: true", "online:    true\n"))

    assert fingerprints(sarif(folder, capsys)) == before


def test_fingerprints_when_one_more_mistake_is_made_before_then_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = repository(tmp_path / "repo", "CHR-V010")
    before = fingerprints(sarif(folder, capsys))
    file = folder / CARRIER
    file.write_text(
        file.read_text().replace("aggregations:\n", "aggregations:\n  - {input: carrier, operations: mode}\n")
    )

    after = fingerprints(sarif(folder, capsys))

    assert set(before) < set(after)
    assert len(after) == len(before) + 1


def test_fingerprints_when_a_message_names_a_line_then_do_not_depend_on_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = repository(tmp_path / "repo", "CHR-S004")
    before = fingerprints(sarif(folder, capsys))
    for file in folder.rglob("teams/**/*.yaml"):
        file.write_text("\n\n" + file.read_text())

    assert fingerprints(sarif(folder, capsys)) == before


def test_output_when_made_twice_then_is_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = repository(tmp_path / "repo", "CHR-V010", "CHR-V030")

    assert json.dumps(sarif(folder, capsys)) == json.dumps(sarif(folder, capsys))


def test_rules_when_docs_are_named_then_link_to_the_place_of_their_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = repository(tmp_path / "repo", "CHR-V014")

    (rule,) = sarif(folder, capsys, "--docs", "https://docs.example.com/checks.md")["tool"]["driver"]["rules"]

    assert rule["helpUri"] == "https://docs.example.com/checks.md#chr-v014"
    assert '<a id="chr-v014"></a>' in (HERE.parents[1] / "docs" / "checks.md").read_text()


def test_sarif_when_there_is_no_repository_then_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (result,) = sarif(tmp_path, capsys)["results"]

    assert result["ruleId"] == "CHR-S030"
