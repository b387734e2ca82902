"""The Spark engine as the apply engine sees it: a child process that is told jobs and answers with files."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from chronon.model.errors import ChrononError
from chronon.model.jobs import Fragment, Job, TableJob, UploadJob
from chronon.runners.child import child_environment, last_words, started
from chronon.runners.engine import JobInputs, Progress
from chronon.runners.jdk import find_java
from chronon.schemas.wire import from_json, to_json

_END_S = 60


class SparkEngine:
    """Starts `chronon.runners.spark.main` with the first job and keeps it for the next ones. Jobs take turns: each takes every core.

    home: a folder for its log and scratch files.
    Errors: CHR-R003/R004 without a JDK 17; CHR-R005 when Spark ends or fails, with the last words of its log.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._log = home / "spark.log"
        self._turn = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

    def run(self, job: TableJob, inputs: JobInputs, staging: Path, progress: Progress) -> tuple[Fragment, ...]:
        """The fragments of the job's days; several per day and column group, one per partition that had rows."""
        answer = self._ask("run", job, inputs, staging, progress)
        return tuple(from_json(text, Fragment) for text in answer["fragments"])

    def upload(self, job: UploadJob, inputs: JobInputs, staging: Path, progress: Progress) -> tuple[Path, ...]:
        """One file of batch values per partition that had entities."""
        return tuple(Path(path) for path in self._ask("upload", job, inputs, staging, progress)["files"])

    def close(self) -> None:
        """End the child and with it the JVM."""
        child, self._child = self._child, None
        if child is None or child.stdin is None or child.stdout is None:
            return
        with suppress(BrokenPipeError):  # it may have ended by itself
            child.stdin.close()
        try:
            child.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        finally:
            child.stdout.close()

    def _ask(self, verb: str, job: Job, inputs: JobInputs, staging: Path, progress: Progress) -> dict[str, Any]:
        with self._turn:
            return self._answer(verb, job, inputs, staging, progress)

    def _answer(self, verb: str, job: Job, inputs: JobInputs, staging: Path, progress: Progress) -> dict[str, Any]:
        to_child, from_child = self._started(progress)
        question = {"verb": verb, "job": to_json(job, Job), "inputs": to_json(inputs), "staging": str(staging)}
        try:
            to_child.write(json.dumps(question) + "\n")
            to_child.flush()
        except BrokenPipeError as cause:
            raise self._failure("Spark ended between two jobs") from cause
        for line in from_child:
            answer: dict[str, Any] = json.loads(line)
            if "progress" not in answer:
                break
            progress(answer["progress"])
        else:
            raise self._failure("Spark ended in the middle of a job")
        if "error" in answer:
            raise ChrononError("CHR-R005", answer["error"], self._whole_log())
        return answer

    def _started(self, progress: Progress) -> tuple[IO[str], IO[str]]:
        if self._child is None:
            java = find_java()
            progress("starting Spark")
            self._home.mkdir(parents=True, exist_ok=True)
            environment = child_environment(
                PYSPARK_PYTHON=sys.executable,
                PYSPARK_DRIVER_PYTHON=sys.executable,
                SPARK_LOCAL_IP="127.0.0.1",
                JAVA_HOME=str(Path(java).resolve().parent.parent),
            )
            with self._log.open("ab") as log:
                command = [sys.executable, "-m", "chronon.runners.spark.main", str(self._home)]
                self._child = started(command, log, environment)
        if self._child.stdin is None or self._child.stdout is None:
            raise self._failure("Spark cannot be reached")
        return self._child.stdin, self._child.stdout

    def _failure(self, what: str) -> ChrononError:
        message = ": ".join(filter(None, (what, last_words(self._log))))
        return ChrononError("CHR-R005", message, self._whole_log())

    def _whole_log(self) -> str:
        return f"the whole log is in {self._log}"
