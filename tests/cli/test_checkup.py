"""What `doctor` finds, and what it says to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chronon.cli import checkup
from chronon.cli.app import run
from chronon.cli.checkup import Finding, Health, examine
from chronon.cli.exits import ExitCode

CONFIG = "tables: data\nstreams: streams\ntarget: local\ntargets:\n  local: {engine: local, home: .chronon/local}\n"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "chronon.yaml").write_text(CONFIG + "  spark: {engine: spark, home: .chronon/spark}\n")
    for folder in ("teams", "data", "streams"):
        (tmp_path / folder).mkdir()
    return tmp_path


def by_name(repo: Path, target: str | None = None) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(repo, target)}


def test_doctor_when_all_is_there_then_every_line_is_good_and_nothing_is_written(repo: Path) -> None:
    found = by_name(repo)

    assert {finding.health for finding in found.values()} == {Health.GOOD}
    assert not (repo / ".chronon").exists()


def test_doctor_when_there_is_no_java_then_only_spark_needs_it(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(repo))

    local, spark = by_name(repo)["java"], by_name(repo, "spark")["java"]

    assert (local.health, spark.health) == (Health.WARN, Health.BAD)
    assert "JDK 17" in local.hint


def test_doctor_when_an_engine_is_not_installed_then_says_how_to_install_it(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "find_spec", lambda _: None)

    found = by_name(repo, "spark")

    assert (found["spark"].health, found["flink"].health) == (Health.BAD, Health.WARN)
    assert found["flink"].hint == "pip install 'chronon-platform[flink]'"


def test_doctor_when_a_folder_is_missing_then_names_the_setting(repo: Path) -> None:
    (repo / "streams").rmdir()

    finding = by_name(repo)["streams"]

    assert (finding.health, finding.hint) == (Health.WARN, "create it, or set `streams` in chronon.yaml")


def test_doctor_when_the_state_is_damaged_then_says_so(repo: Path) -> None:
    home = repo / ".chronon/local"
    home.mkdir(parents=True)
    (home / "state.db").write_bytes(b"no database" * 100)

    finding = by_name(repo)["stores"]

    assert finding.health is Health.BAD
    assert finding.found.startswith("CHR-K016")
    assert finding.hint


def test_doctor_when_the_disk_is_nearly_full_then_says_what_to_do(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "_LOW_DISK_BYTES", 10**18)

    finding = by_name(repo)["disk"]

    assert finding.health is Health.BAD
    assert finding.hint


def test_doctor_when_something_needed_is_missing_then_exits_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["doctor", "--json", "--repo", str(tmp_path)])

    checks = {check["what"]: check["health"] for check in json.loads(capsys.readouterr().out)["checks"]}
    assert code == ExitCode.FINDINGS
    assert checks["repository"] == "bad"
    assert checks["python"] == "good"
