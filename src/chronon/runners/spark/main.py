"""The child process that owns Spark: reads a job a line from stdin, answers with lines of JSON on stdout."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from chronon.model.jobs import Job
from chronon.runners.child import die_with_parent
from chronon.runners.engine import JobInputs
from chronon.schemas.wire import from_json, to_json


def main(home: Path) -> None:
    """Serve jobs until the parent closes our stdin."""
    die_with_parent()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever Spark or a library prints goes to the log, never between the answers
    session = start_session(home)
    from chronon.runners.spark.jobs import SparkJobs

    jobs = SparkJobs(session)
    for line in sys.stdin:
        print(json.dumps(_answer(jobs, json.loads(line))), file=answers, flush=True)
    session.stop()


def start_session(home: Path) -> Any:
    """A session on all cores of this machine, in UTC, with the SQL semantics that our generated SQL expects."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": os.environ.get("CHRONON_SPARK_MEMORY", "2g"),
        "spark.local.dir": str(home / "scratch"),
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


def _answer(jobs: Any, question: dict[str, str]) -> dict[str, Any]:
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
