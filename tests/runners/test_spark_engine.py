"""What the apply engine is told when the process that owns Spark fails: the child is a script here, no JVM starts."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chronon.model.dayset import DaySet
from chronon.model.definitions import Rows
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, Job, LeftJob
from chronon.model.specs import SourceKind
from chronon.runners.engine import JobInputs
from chronon.runners.spark import conversation
from chronon.runners.spark.conversation import Conversation
from chronon.runners.spark.engine import SparkEngine
from chronon.runners.spark.main import serve
from chronon.schemas.wire import to_json

JOB = LeftJob(
    left=Digest("l"),
    rows=Rows(kind=SourceKind.EVENTS, table="a.b", columns=(), selects=()),
    days=DaySet.days([1]),
)
BEGINS = """
import json, sys
def say(number, **line):
    print(json.dumps({"number": number, **line}), flush=True)
def asked():
    return json.loads(sys.stdin.readline())
say(0)
"""
ANSWERS = (
    BEGINS
    + """
for line in sys.stdin:
    number = json.loads(line)["number"]
    say(number, progress="half")
    say(number, fragments=[])
"""
)
FAILS = BEGINS + 'say(asked()["number"], error="the Spark job failed: no")\nsys.stdin.read()'
DIES = BEGINS + "asked()"
LAST_FIRST = (
    BEGINS
    + """
questions = [asked(), asked()]
for question in reversed(questions):
    say(question["number"], files=[question["staging"]])
sys.stdin.read()
"""
)
STUBBORN = (
    BEGINS
    + """
import time
for line in sys.stdin:
    say(json.loads(line)["number"], progress="half")
time.sleep(600)
"""
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[SparkEngine]:
    (tmp_path / "spark.log").write_text("first\nOutOfMemoryError\n")
    made = SparkEngine(tmp_path)
    yield made
    made.close()


def start(engine: SparkEngine, script: str) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    engine._talk = Conversation(child)
    engine._talk.ready()
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


def test_engine_when_asked_twice_at_once_then_each_hears_its_own_answer(engine: SparkEngine, tmp_path: Path) -> None:
    start(engine, LAST_FIRST)
    inputs = JobInputs(warehouse=str(tmp_path))

    def upload(name: str) -> tuple[Path, ...]:
        return engine.upload(JOB, inputs, tmp_path / name, lambda _text: None)  # type: ignore[arg-type]

    with ThreadPoolExecutor() as threads:
        assert list(threads.map(upload, ["one", "two"])) == [(tmp_path / "one",), (tmp_path / "two",)]


def test_engine_when_its_child_dies_then_all_that_wait_are_told(engine: SparkEngine, tmp_path: Path) -> None:
    child = start(engine, STUBBORN)
    said: list[str] = []

    with ThreadPoolExecutor() as threads:
        asking = [threads.submit(ask, engine, tmp_path, said) for _ in range(2)]
        wait_until(lambda: len(said) == 2)
        child.kill()
        errors = [each.exception() for each in asking]

    assert ["in the middle of a job" in str(error) for error in errors] == [True, True]


def test_engine_when_closed_then_ends_a_child_that_goes_on_and_starts_no_other(
    engine: SparkEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "_END_S", 0.1)
    child = start(engine, STUBBORN)
    said: list[str] = []
    with ThreadPoolExecutor() as threads:
        asking = threads.submit(ask, engine, tmp_path, said)
        wait_until(lambda: said)
        engine.close()
        assert isinstance(asking.exception(), ChrononError)

    with pytest.raises(ChrononError, match="CHR-R005 Spark was ended"):
        ask(engine, tmp_path, [])

    assert child.returncode == -9


def wait_until(is_so: Any) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


class Meeting:
    """Jobs that end when two of them run at once, each in the pool of its thread."""

    def __init__(self) -> None:
        self.both, self.stopped = threading.Barrier(2), False
        self.pools: dict[str, str] = {}
        self.sparkContext = SimpleNamespace(setLocalProperty=self._set, cancelAllJobs=lambda: None)

    def _set(self, name: str, value: str) -> None:
        self.pools[threading.current_thread().name] = f"{name}={value}"

    def run(self, _job: Job, _inputs: JobInputs, _staging: Path) -> tuple[()]:
        self.both.wait(timeout=30)
        return ()

    def stop(self) -> None:
        self.stopped = True


def test_child_when_asked_twice_then_both_jobs_run_at_once_in_pools_of_their_own() -> None:
    meeting, said = Meeting(), {}
    question = {"verb": "run", "job": to_json(JOB, Job), "inputs": to_json(JobInputs(warehouse="w")), "staging": "s"}
    lines = [json.dumps({"number": number, **question}) for number in (1, 2)]

    serve(meeting, meeting, lines, said.__setitem__)

    assert said == {1: {"fragments": []}, 2: {"fragments": []}}
    assert len(set(meeting.pools.values())) == 2
    assert meeting.stopped
