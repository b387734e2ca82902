"""Lines of a topic under former names of columns become the very bytes of lines under the present ones."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flink_builders import SINCE, TOPIC, a_job, a_reader, folded_pages, random_events, stored_pages

from chronon.model.jobs import StreamedGroupBy
from chronon.model.time import day_start
from chronon.runners.flink.runner import FlinkRunner
from chronon.stores.kv import open_kv

pytestmark = pytest.mark.engine

FORMER = {"delay": ("lateness", "late_by"), "carrier": ("airline",)}


def a_reader_of_lines_of_any_age() -> StreamedGroupBy:
    reader = a_reader("aged", {"carrier": "carrier"}, {"delay": "delay"})
    (rows,) = reader.group_by.rows
    columns = tuple(replace(column, aliases=FORMER.get(column.name, ())) for column in rows.columns)
    return replace(reader, group_by=replace(reader.group_by, rows=(replace(rows, columns=columns),)))


def aged(event: dict[str, Any], age: int) -> dict[str, Any]:
    """The event as it was written: with the first names, with those after, or as now."""
    names = ({"delay": "late_by", "carrier": "airline"}, {"delay": "lateness", "carrier": "airline"}, {})[age % 3]
    return {names.get(name, name): value for name, value in event.items()}


def test_pages_when_lines_are_of_any_age_then_are_the_bytes_of_folded_events(tmp_path: Path) -> None:
    reader, events = a_reader_of_lines_of_any_age(), random_events(random.Random(5), 600)
    folder = tmp_path / "streams" / TOPIC.removeprefix("file://")
    folder.mkdir(parents=True)
    (folder / "part-0.jsonl").write_text("".join(f"{json.dumps(aged(e, i))}\n" for i, e in enumerate(events)))
    kv = open_kv(f"lmdb:{tmp_path / 'kv'}")

    FlinkRunner().run_stream(
        a_job(reader), streams=tmp_path / "streams", kv=kv, staging=tmp_path / "staging", progress=print
    )

    counted = (e for e in events if e["at"] is not None and e["at"] >= day_start(SINCE) and e["carrier"] is not None)
    pages = stored_pages(kv, reader)
    kv.close()
    assert pages == folded_pages(reader, (event | {"ts": event["at"]} for event in counted))
