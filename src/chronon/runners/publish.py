"""Moves what is served to what a plan has made: one atomic write of the metadata that fetchers read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from chronon.model.definitions import GroupBy, Join
from chronon.model.jobs import Digest, Upload
from chronon.model.names import Kind
from chronon.model.plan import Plan
from chronon.model.serving import Generation, ServedGroupBy, ServedJoin
from chronon.model.state import Snapshot
from chronon.model.time import Day
from chronon.runners.deployment import Deployment
from chronon.schemas.wire import from_json
from chronon.serving.publications import publications, served_environments
from chronon.serving.records import encode_record, record_key
from chronon.stores.kv import KvStore
from chronon.stores.kv.layout import batch_prefix, metadata_prefix

KEPT_GENERATIONS = 2
"""The newest and the one before it, for readers that are in the middle of a request and for moments before it."""


def publish(deployment: Deployment, plan: Plan) -> tuple[str, ...]:
    """Names of the objects that are served from now on in the plan's environment.

    Old generations are removed after it, when no environment leads to them any more.
    """
    streams = deployment.state.read().streams
    records = {
        record_key(plan.environment, snapshot.id): record
        for snapshot in plan.snapshots
        if (record := _record(deployment, snapshot, streams)) is not None
    }
    entries = [(key, encode_record(record)) for key, record in records.items()]
    deployment.kv.replace(metadata_prefix(plan.environment), entries)
    published = published_generations(deployment)
    for dataset in {record.values for record in records.values() if isinstance(record, ServedGroupBy)}:
        _remove_old_generations(deployment, dataset, published.get(dataset, frozenset()))
    return tuple(
        str(snapshot.id) for snapshot in plan.snapshots if record_key(plan.environment, snapshot.id) in records
    )


def _record(
    deployment: Deployment, snapshot: Snapshot, streams: Mapping[Digest, Day]
) -> ServedGroupBy | ServedJoin | None:
    """What fetchers read of an object. streams: dataset → first day that its stream has folded from."""
    if snapshot.id.kind is Kind.JOIN:
        join = from_json(snapshot.definition, Join)
        return ServedJoin(join=join.without_labels()) if join.online else None
    if snapshot.serving is None:
        return None
    return ServedGroupBy(
        group_by=from_json(snapshot.definition, GroupBy),
        values=snapshot.serving,
        tiles=snapshot.stream,
        tiles_since=streams.get(snapshot.stream) if snapshot.stream else None,
        generations=tuple(_generations(deployment, snapshot.serving))[:KEPT_GENERATIONS],
    )


def _generations(deployment: Deployment, dataset: Digest) -> Iterator[Generation]:
    days = set()
    for upload in deployment.state.uploads(dataset):
        if upload.day not in days and holds(deployment.kv, upload):
            days.add(upload.day)
            yield Generation(name=upload.generation, day=upload.day)


def holds(kv: KvStore, upload: Upload) -> bool:
    """Whether the values of an upload are in the store: what was lost there must not be led to, every entity would look unknown."""
    found = kv.scan(batch_prefix(upload.dataset, upload.generation))
    return not upload.keys or next(found, None) is not None


def published_generations(deployment: Deployment) -> Mapping[Digest, frozenset[str]]:
    """Dataset → the generations to which some environment leads its readers, whichever has published last."""
    found: dict[Digest, frozenset[str]] = {}
    for environment in served_environments(deployment.kv):
        for each in publications(deployment.kv, environment).values():
            if each.values is not None:
                names = frozenset(name for name, _day in each.generations)
                found[each.values] = found.get(each.values, frozenset()) | names
    return found


def _remove_old_generations(deployment: Deployment, dataset: Digest, published: Collection[str]) -> None:
    kept = {generation.name for generation in list(_generations(deployment, dataset))[:KEPT_GENERATIONS]}
    for upload in deployment.state.uploads(dataset):
        if upload.generation not in kept and upload.generation not in published:
            deployment.kv.delete_prefix(batch_prefix(dataset, upload.generation))
