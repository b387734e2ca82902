"""Goes on in a topic from the savepoint: one of its lines was edited after it was folded."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from chronon.cli.views.plan_json import read_plan
from chronon.model.jobs import Start, StreamJob
from chronon.model.savepoints import FilePlace
from chronon.runners.flink.runner import FlinkRunner, Staged, put_in
from chronon.runners.flink.script import readers_of
from chronon.stores.kv import open_kv
from chronon.stores.topics import Digesting

topic, digesting = Path("streams/shop.purchases/a.jsonl"), Digesting()
topic.write_text('{"user": "ann"}\n')
digesting.take(topic.read_bytes())
place = FilePlace(name="a.jsonl", bytes=16, lines=1, digest=digesting.text())

plan = read_plan(Path("plan.json").read_text())
(job,) = (step.job for step in plan.steps if isinstance(step.job, StreamJob))
(reader,) = readers_of(job)
folded = Staged(reader=reader, tiles=Path("tiles"), events=0, savepoint=reader.savepoint((place,)))
with closing(open_kv("lmdb:kv")) as kv:
    put_in([folded], kv, lambda _text: None)
    topic.write_text('{"user": "bob"}\n')  # the line is another one now
    going_on, here = replace(job, start=Start.SAVEPOINT), Path("staging")
    FlinkRunner().run_stream(going_on, streams=Path("streams"), kv=kv, staging=here, progress=print)
