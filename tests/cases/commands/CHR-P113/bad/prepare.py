"""Records the saved plan as applied, with a stream that has folded no event yet."""

from pathlib import Path

from chronon.cli.views.plan_json import read_plan
from chronon.model.jobs import Streamed, StreamJob, Upload, UploadJob
from chronon.schemas.wire import to_json
from chronon.stores.state import Done, Started, open_state

plan = read_plan(Path("plan.json").read_text())
Path(".chronon/local").mkdir(parents=True)
state = open_state("sqlite:.chronon/local/state.db")
lease = state.acquire("ann@example.com pid 12", lease_s=60, now=0)
state.begin(lease, plan.id, to_json(plan), plan.base_serial, 0)
for step in plan.steps:
    match step.job:
        case UploadJob(dataset=dataset, day=day):
            output = Upload(dataset=dataset, day=day, generation="g", keys=3, bytes=300)
        case StreamJob(topic=topic, since=since, readers=readers):
            datasets = tuple(reader.dataset for reader in readers)
            output = Streamed(topic=topic, since=since, datasets=datasets, events=0, tiles=0)
    state.record(lease, plan.id, [Started(step=step.id, at=0)])
    state.record(lease, plan.id, [Done(step=step.id, job=step.job, output=output, at=0)])
state.finish(lease, plan.id, plan.environment, plan.snapshots, 0)
state.release(lease)
state.close()
