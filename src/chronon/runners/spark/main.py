"""The child process that owns Spark: reads a job a line from stdin, answers with lines of JSON on stdout.

Jobs run beside each other, a thread each. Spark shares its cores out fairly among them: a small one does not wait until a
big one has had all of its tasks.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from chronon.model.jobs import Job
from chronon.runners.child import die_with_parent
from chronon.runners.engine import JobInputs
from chronon.runners.spark.conversation import READY
from chronon.schemas.wire import from_json, to_json

_MOST = 256
"""Threads at most. There are as many as jobs at once, which whoever applies has said."""

Say = Callable[[int, dict[str, Any]], None]


def main(home: Path) -> None:
    """Serve jobs until the parent closes our stdin: those that run then have nobody who waits for them, and end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of a terminal; the parent decides what ends when
    die_with_parent()
    say = _speaker()
    session = start_session(home)
    from chronon.runners.spark.jobs import SparkJobs

    jobs = SparkJobs(session)
    jobs.warm_up()
    say(READY, {})
    serve(session, jobs, sys.stdin, say)


def serve(session: Any, jobs: Any, lines: Iterable[str], say: Say) -> None:
    """Answer each line as soon as its job is done, in whatever order that is; at the end of the lines end what runs."""
    with ThreadPoolExecutor(_MOST, initializer=_own_pool, initargs=(session,)) as threads:
        for line in lines:
            threads.submit(_answer, jobs, json.loads(line), say)
        session.sparkContext.cancelAllJobs()
        session.stop()


def _speaker() -> Say:
    """Says lines to the parent, from any thread. Whatever else is printed goes to the log, never between the lines."""
    answers, lock = os.fdopen(os.dup(1), "w"), threading.Lock()
    os.dup2(2, 1)

    def say(number: int, line: dict[str, Any]) -> None:
        with lock:
            print(json.dumps({"number": number, **line}), file=answers, flush=True)

    return say


def _own_pool(session: Any) -> None:
    """Jobs of this thread share cores with those of others; within one pool they would take turns."""
    session.sparkContext.setLocalProperty("spark.scheduler.pool", threading.current_thread().name)


def start_session(home: Path) -> Any:
    """A session on all cores of this machine, in UTC, with the SQL semantics that our generated SQL expects."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": os.environ.get("CHRONON_SPARK_MEMORY", "2g"),
        "spark.local.dir": str(home / "scratch"),
        "spark.scheduler.mode": "FAIR",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        # Else ${name} in a column's name would be filled in from the configuration and the environment.
        "spark.sql.variable.substitute": "false",
        "spark.sql.shuffle.partitions": str(os.cpu_count() or 2),
        "spark.sql.warehouse.dir": str(home / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master(os.environ.get("CHRONON_SPARK_MASTER", "local[*]")).appName("chronon")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("WARN")
    return session


def _answer(jobs: Any, question: dict[str, Any], say: Say) -> None:
    say(question["number"], _outcome(jobs, question))


def _outcome(jobs: Any, question: dict[str, Any]) -> dict[str, Any]:
    """What the job made, or what went wrong in one line; the trace goes to the log."""
    job: Job = from_json(question["job"], Job)  # type: ignore[arg-type]
    inputs = from_json(question["inputs"], JobInputs)
    staging = Path(question["staging"])
    try:
        if question["verb"] == "upload":
            return {"files": [str(path) for path in jobs.upload(job, inputs, staging)]}
        return {"fragments": [to_json(fragment) for fragment in jobs.run(job, inputs, staging)]}
    except Exception as error:  # noqa: BLE001 - the boundary of a request: whatever went wrong is the answer
        import traceback

        traceback.print_exc()
        return {"error": f"the Spark job failed: {type(error).__name__}: {str(error).splitlines()[0]}"}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
