"""The child process that owns Flink: executes one script of SQL as one job on a cluster inside this process, and ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from chronon.runners.child import die_with_parent


def main(script: Path) -> None:
    """Run the script's inserts as one streaming job and wait until every input is read."""
    die_with_parent()
    from pyflink.common import Configuration
    from pyflink.table import EnvironmentSettings, TableEnvironment

    spec = json.loads(script.read_text())
    configuration = Configuration()
    for name, value in spec["configuration"].items():
        configuration.set_string(name, value)
    settings = EnvironmentSettings.new_instance().in_streaming_mode().with_configuration(configuration).build()
    environment = TableEnvironment.create(settings)
    for statement in spec["definitions"]:
        environment.execute_sql(statement)
    job = environment.create_statement_set()
    for statement in spec["inserts"]:
        job.add_insert_sql(statement)
    job.execute().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
