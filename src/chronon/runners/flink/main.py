"""The child process that owns Flink: executes one script of SQL as one job on a cluster inside this process, and ends.

It speaks to Flink's own objects through the gateway: PyFlink's wrappers would load Beam, to serve Python functions of
which the script has none. The JVM reads the pipe that ends with this process, and ends too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from chronon.runners.child import die_with_parent


def main(script: Path) -> None:
    """Run the script's inserts as one streaming job and wait until every input is read."""
    die_with_parent()
    from pyflink.java_gateway import get_gateway

    spec = json.loads(script.read_text())
    flink = get_gateway().jvm.org.apache.flink
    configuration = flink.configuration.Configuration()
    for name, value in spec["configuration"].items():
        configuration.setString(name, value)
    settings = flink.table.api.EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration)
    environment = flink.table.api.TableEnvironment.create(settings.build())
    for statement in spec["definitions"]:
        environment.executeSql(statement)
    job = environment.createStatementSet()
    for statement in spec["inserts"]:
        job.addInsertSql(statement)
    getattr(job.execute(), "await")()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
