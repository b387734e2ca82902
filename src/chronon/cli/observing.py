"""Looks at what is there of a target: files, published metadata, values. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.loaders.config import Target
    from chronon.model.corrections import Correction, Marks
    from chronon.model.dayset import DaySet
    from chronon.model.definitions import Rows
    from chronon.model.jobs import Digest
    from chronon.model.live import Observed, Publication
    from chronon.model.state import Snapshot, State
    from chronon.model.time import Day
    from chronon.stores.kv.contract import KvStore
    from chronon.stores.state.contract import StateStore
    from chronon.stores.tables.sources import SourceTables

_NO_STORE = "CHR-K004"


def look(  # noqa: PLR0917 - what is looked at, then how
    store: StateStore,
    state: State,
    target: Target,
    tables: SourceTables,
    environment: str,
    told: Mapping[str, DaySet],
    *,
    thorough: bool,
) -> Observed:
    """What there is of what is recorded of an environment, and which days of source tables are other ones than were read.

    told: table → days that somebody says were corrected.

    thorough: every recorded file and the newest values of every dataset are looked for; else only folders of days, and the
    values of what is not published as it should be.
    Errors: CHR-K… of the state.
    """
    from dataclasses import replace

    from chronon.stores.tables.losses import lost_days

    snapshots = state.environment(environment).snapshots.values()
    lefts = {snapshot.left for snapshot in snapshots if snapshot.left is not None}
    lost = lost_days(store, state, target.warehouse, lefts, every_file=thorough)
    corrected, rewritten = _corrected(store.marks(), tables, told)
    values = look_at_values(store, state, target, environment, thorough=thorough)
    return replace(values, lost=lost, corrected=corrected, rewritten=rewritten)


def _corrected(
    marks: Marks, tables: SourceTables, told: Mapping[str, DaySet]
) -> tuple[tuple[Correction, ...], Mapping[str, DaySet]]:
    """What is told, then what files tell besides; and days that were only written again."""
    from dataclasses import replace

    from chronon.model.corrections import Correction
    from chronon.model.dayset import DaySet
    from chronon.stores.tables.marks import moved, within_of

    said = tuple(
        Correction(table=table, days=days, within=within_of(tables, table, days, marks))
        for table, days in sorted(told.items())
    )
    found = moved(tables, marks)
    others = (replace(each, days=each.days - told.get(each.table, DaySet())) for each in found.corrected)
    rewritten = {table: days - told.get(table, DaySet()) for table, days in found.rewritten.items()}
    return (*said, *(each for each in others if each.days)), {table: days for table, days in rewritten.items() if days}


def tables_to_look_at(read: Iterable[Rows], until: Day) -> Mapping[str, Day | None]:
    """Every table that is read, and the last day of it that can count up to a day."""
    found: dict[str, Day | None] = {}
    for each in read:
        last = until if each.end is None else min(until, each.end)
        found[each.table] = max(last, found.get(each.table) or last)
    return found


def look_at_values(
    store: StateStore,
    state: State,
    target: Target,
    environment: str,
    *,
    thorough: bool = False,
    is_part: bool = False,
) -> Observed:
    """What there is of the values and the metadata of an environment, as far as a state goes. thorough: see `look`.

    is_part: the state knows of few objects of many; what is published of the others is read only where it can matter.
    """
    from chronon.model.live import Observed
    from chronon.serving.publications import publications, publications_of
    from chronon.stores.kv import open_kv

    snapshots = state.environment(environment).snapshots.values()
    served = [each for each in snapshots if each.serving is not None and each.serving in state.uploads]
    if not served:
        return Observed()
    datasets = {each.serving for each in served if each.serving is not None}
    try:
        with closing(open_kv(target.kv_address, read_only=True)) as kv:
            names = [str(each.id) for each in snapshots]
            published = publications_of(kv, environment, names) if is_part else publications(kv, environment)
            suspects = datasets if thorough else _suspects(served, published, state)
            if is_part and suspects:  # another object may lead to these values
                suspects = _suspects(served, publications(kv, environment), state)
            emptied, generations = _emptied(store, kv, suspects)
    except ChrononError as error:
        if error.code == _NO_STORE:
            return Observed(served={}, emptied=frozenset(datasets))
        return Observed(unseen=str(error))
    return Observed(served=published, emptied=emptied, generations=generations)


def _suspects(served: list[Snapshot], published: Mapping[str, Publication], state: State) -> set[Digest]:
    """Datasets to whose newest recorded day nothing published leads."""
    led_to = {(each.values, each.generations[0][1]) for each in published.values() if each.generations}
    digests = {each.serving for each in served if each.serving is not None}
    return {digest for digest in digests if (digest, state.uploads[digest]) not in led_to}


def _emptied(
    store: StateStore, kv: KvStore, datasets: Iterable[Digest]
) -> tuple[frozenset[Digest], Mapping[Digest, str]]:
    """Datasets whose newest recorded values are gone, and the newest generation of each."""
    from chronon.stores.kv.layout import batch_prefix

    emptied, generations = set(), {}
    for dataset in sorted(datasets):
        newest = next(iter(store.uploads(dataset)), None)
        if newest is None:
            continue
        generations[dataset] = newest.generation
        is_there = next(kv.scan(batch_prefix(dataset, newest.generation)), None) is not None
        if newest.keys and not is_there:
            emptied.add(dataset)
    return frozenset(emptied), generations
