"""Computes generated SQL on Spark over a Parquet file: run by test_engines in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession


def main(folder: Path) -> None:
    spec = json.loads((folder / "spec.json").read_text())
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .getOrCreate()
    )
    columns = [f"{text} AS x{number}" for number, text in enumerate(spec["expressions"])]
    rows = session.read.parquet(str(folder / "rows.parquet"))
    rows.selectExpr("row", *columns).coalesce(1).write.parquet(str(folder / "out"))
    session.stop()


main(Path(sys.argv[1]))
