"""What the apply engine is told when the process that owns Spark fails: the child is a script here, no JVM starts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chronon.model.dayset import DaySet
from chronon.model.definitions import Rows
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, LeftJob
from chronon.model.specs import SourceKind
from chronon.runners.engine import JobInputs
from chronon.runners.spark.engine import SparkEngine

JOB = LeftJob(
    left=Digest("l"),
    rows=Rows(kind=SourceKind.EVENTS, table="a.b", columns=(), selects=()),
    days=DaySet.days([1]),
)
ANSWERS = 'import sys\nfor _ in sys.stdin:\n    print(\'{"progress": "half"}\\n{"fragments": []}\', flush=True)'
FAILS = 'import sys\nfor _ in sys.stdin:\n    print(\'{"error": "the Spark job failed: no"}\', flush=True)'
DIES = "import sys\nsys.stdin.readline()"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[SparkEngine]:
    (tmp_path / "spark.log").write_text("first\nOutOfMemoryError\n")
    made = SparkEngine(tmp_path)
    yield made
    made.close()


def start(engine: SparkEngine, script: str) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    engine._child = child
    return child


def ask(engine: SparkEngine, tmp_path: Path, said: list[str]) -> object:
    return engine.run(JOB, JobInputs(warehouse=str(tmp_path)), tmp_path, said.append)


def test_engine_when_its_child_answers_then_progress_is_passed_on(engine: SparkEngine, tmp_path: Path) -> None:
    said: list[str] = []
    child = start(engine, ANSWERS)

    assert [ask(engine, tmp_path, said), ask(engine, tmp_path, said)] == [(), ()]
    engine.close()

    assert said == ["half", "half"]
    assert child.returncode == 0


@pytest.mark.parametrize(
    ("script", "says"),
    [(FAILS, "the Spark job failed: no"), (DIES, "Spark ended in the middle of a job: OutOfMemoryError")],
)
def test_engine_when_a_job_fails_then_tells_it_in_a_line_with_the_place_of_the_log(
    engine: SparkEngine, tmp_path: Path, script: str, says: str
) -> None:
    start(engine, script)

    with pytest.raises(ChrononError) as failed:
        ask(engine, tmp_path, [])

    assert failed.value.code == "CHR-R005"
    assert failed.value.message == says
    assert str(tmp_path / "spark.log") in failed.value.hint


def test_engine_when_its_child_ended_between_two_jobs_then_says_so(engine: SparkEngine, tmp_path: Path) -> None:
    child = start(engine, ANSWERS)
    ask(engine, tmp_path, [])
    child.kill()
    child.wait()

    with pytest.raises(ChrononError, match="CHR-R005 Spark ended between two jobs"):
        ask(engine, tmp_path, [])
