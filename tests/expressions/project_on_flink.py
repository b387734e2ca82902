"""Computes generated SQL on Flink over JSON files: run by test_engines in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pyflink.common import Configuration
from pyflink.table import EnvironmentSettings, TableEnvironment

from chronon.expressions.flink_sql import type_name
from chronon.model.types import parse_type


def main(folder: Path) -> None:
    spec = json.loads((folder / "spec.json").read_text())
    configuration = Configuration()
    configuration.set_string("parallelism.default", "1")
    configuration.set_string("table.local-time-zone", "UTC")
    configuration.set_string("rest.bind-port", "0")
    configuration.set_string("rest.bind-address", "127.0.0.1")
    configuration.set_string("io.tmp.dirs", str(folder))
    configuration.set_string("web.tmpdir", str(folder))
    settings = EnvironmentSettings.new_instance().in_streaming_mode().with_configuration(configuration).build()
    table = TableEnvironment.create(settings)
    source = ", ".join(f"`{name}` {held(kind)}" for name, kind in spec["types"].items())
    sink = ", ".join(f"`x{number}` {held(kind)}" for number, kind in enumerate(spec["results"]))
    options = "WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '{}')"
    table.execute_sql(f"CREATE TABLE source ({source}) " + options.format(f"file://{folder}/in/events"))
    table.execute_sql(f"CREATE TABLE sink (`row` BIGINT, {sink}) " + options.format(f"file://{folder}/out"))
    table.execute_sql(f"INSERT INTO sink SELECT `row`, {', '.join(spec['expressions'])} FROM source").wait()


def held(text: str) -> str:
    """Flink's type for one of ours."""
    kind = parse_type(text)
    assert kind is not None, text
    return type_name(kind)


main(Path(sys.argv[1]))
