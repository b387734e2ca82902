"""Takes in what Flink has left behind: two events were counted in the topic, and no tile holds one."""

from contextlib import closing
from pathlib import Path

from chronon.cli.views.plan_json import read_plan
from chronon.model.jobs import StreamJob
from chronon.runners.flink.runner import put_in
from chronon.runners.flink.script import readers_of
from chronon.stores.kv import open_kv

plan = read_plan(Path("plan.json").read_text())
(job,) = (step.job for step in plan.steps if isinstance(step.job, StreamJob))
Path("from_flink/tiles/0").mkdir(parents=True)
with closing(open_kv("lmdb:kv")) as kv:
    print(put_in(readers_of(job), [2], Path("from_flink"), kv, print), "tiles")
