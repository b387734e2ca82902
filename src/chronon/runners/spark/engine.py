"""The Spark engine as the apply engine sees it: a child process that is told jobs and answers with files."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from chronon.model.errors import ChrononError
from chronon.model.jobs import Fragment, Job, TableJob, UploadJob
from chronon.runners.child import child_environment, last_words, started
from chronon.runners.engine import JobInputs, Progress
from chronon.runners.jdk import find_java
from chronon.runners.spark.conversation import Conversation, EndedError, Line
from chronon.schemas.wire import from_json, to_json


class SparkEngine:
    """Starts `chronon.runners.spark.main` once and keeps it. Jobs run beside each other, one for each thread that brings one.

    home: a folder for its log and scratch files.
    Errors: CHR-R003/R004 without a JDK 17; CHR-R005 when Spark ends or fails, with the last words of its log.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._log = home / "spark.log"
        self._starting = threading.Lock()
        self._talk: Conversation | None = None
        self._is_closed = False

    def start(self, progress: Progress) -> None:
        """See Engine."""
        self._started(progress)

    def run(self, job: TableJob, inputs: JobInputs, staging: Path, progress: Progress) -> tuple[Fragment, ...]:
        """The fragments of the job's days; several per day and column group, one per partition that had rows."""
        answer = self._ask("run", job, inputs, staging, progress)
        return tuple(from_json(text, Fragment) for text in answer["fragments"])

    def upload(self, job: UploadJob, inputs: JobInputs, staging: Path, progress: Progress) -> tuple[Path, ...]:
        """One file of batch values per partition that had entities."""
        return tuple(Path(path) for path in self._ask("upload", job, inputs, staging, progress)["files"])

    def close(self) -> None:
        """End the child and with it the JVM, whatever they still do."""
        self._is_closed = True
        if self._talk is not None:
            self._talk.close()

    def _ask(self, verb: str, job: Job, inputs: JobInputs, staging: Path, progress: Progress) -> Line:
        talk = self._started(progress)
        question = {"verb": verb, "job": to_json(job, Job), "inputs": to_json(inputs), "staging": str(staging)}
        try:
            number = talk.ask(question)
        except EndedError as cause:
            raise self._failure("Spark ended between two jobs") from cause
        try:
            answer = talk.answer(number, progress)
        except EndedError as cause:
            raise self._failure("Spark ended in the middle of a job") from cause
        if "error" in answer:
            raise ChrononError("CHR-R005", answer["error"], self._whole_log())
        return answer

    def _started(self, progress: Progress) -> Conversation:
        with self._starting:
            if self._is_closed:
                raise self._failure("Spark was ended")
            if self._talk is None:
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
                    self._talk = Conversation(started(command, log, environment))
            try:
                self._talk.ready()
            except EndedError as cause:
                raise self._failure("Spark did not start") from cause
            return self._talk

    def _failure(self, what: str) -> ChrononError:
        message = ": ".join(filter(None, (what, last_words(self._log))))
        return ChrononError("CHR-R005", message, self._whole_log())

    def _whole_log(self) -> str:
        return f"the whole log is in {self._log}"
