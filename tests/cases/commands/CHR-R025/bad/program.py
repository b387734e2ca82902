"""Takes in what Flink has left behind: two events were counted in the topic, and no tile holds one."""

from contextlib import closing
from pathlib import Path

from chronon.cli.views.plan_json import read_plan
from chronon.model.jobs import StreamJob
from chronon.runners.flink.runner import Staged, put_in
from chronon.runners.flink.script import readers_of
from chronon.stores.kv import open_kv

plan = read_plan(Path("plan.json").read_text())
(job,) = (step.job for step in plan.steps if isinstance(step.job, StreamJob))
(reader,), tiles = readers_of(job), Path("from_flink/tiles/0")
tiles.mkdir(parents=True)
staged = Staged(reader=reader, tiles=tiles, events=2, savepoint=reader.savepoint(()))
with closing(open_kv("lmdb:kv")) as kv:
    print(put_in([staged], kv, print), "tiles")
