"""Which sources and tables `chronon schema pull` is about, and what it finds and writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.loaders import Config
    from chronon.loaders.contracts import Contract, Difference
    from chronon.loaders.pulling import Edits
    from chronon.model.live import LiveTable
    from chronon.model.specs import Repository, SourceSpec
    from chronon.stores.tables.sources import SourceTables

_UNKNOWN = "CHR-K102"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One contract beside its table. difference: None where the table cannot be read, for the reason in `problem`."""

    contract: Contract
    difference: Difference | None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledSource:
    """A source with its contracts, and what was written into its file."""

    source: SourceSpec
    compared: tuple[Compared, ...]
    written: tuple[Edits, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do by hand or with --write."""
        return all(each.difference is not None and each.difference.is_empty for each in self.compared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """All that was asked for. tables: those that no source reads, asked for by name.  unread: the others, when all were."""

    sources: tuple[PulledSource, ...]
    tables: Mapping[str, LiveTable]
    unread: tuple[str, ...]


def pulled(config: Config, repository: Repository, names: Sequence[str], *, write: bool) -> Pulled:
    """The contracts beside their tables; with `write` the files of the sources have what could be written.

    names: of sources and tables; none are all sources.
    Errors: CHR-K102 a name that is neither; as `pulling.pull`.
    """
    from chronon.stores.tables.sources import SourceTables

    every = repository.sources.values()
    partitions = ((table, source.partition) for source in every for table in source.tables)
    tables = SourceTables(config.tables).partitioned(partitions)
    sources, alone = _asked(repository, tables, names)
    live = tables.live(dict.fromkeys([*(table for source in sources for table in source.tables), *alone]))
    found = [_written(config, source, live) if write else _compared(source, live) for source in sources]
    read = {table for source in repository.sources.values() for table in source.tables}
    return Pulled(
        sources=tuple(found),
        tables={name: _bare(live[name]) for name in alone if name in live},
        unread=() if names else tuple(name for name in tables.names() if name not in read),
    )


def _asked(
    repository: Repository, tables: SourceTables, names: Sequence[str]
) -> tuple[tuple[SourceSpec, ...], tuple[str, ...]]:
    """The sources that are meant, and the tables that no source reads."""
    sources = sorted(repository.sources.values(), key=lambda source: source.header.id)
    if not names:
        return tuple(sources), ()
    chosen = {name: [each for each in sources if name in {str(each.header.id), *each.tables}] for name in names}
    alone = tuple(dict.fromkeys(name for name, found in chosen.items() if not found))
    if unknown := [name for name in alone if not tables.exists(name)]:
        from chronon.loaders.nearest import suggestion

        known = {*tables.names(), *(str(each.header.id) for each in sources)}
        message = f"there is no source and no table {unknown[0]} in {tables.root}"
        raise ChrononError(_UNKNOWN, message, suggestion(unknown[0], known))
    meant = {each.header.id for found in chosen.values() for each in found}
    return tuple(each for each in sources if each.header.id in meant), alone


def _bare(table: LiveTable) -> LiveTable:
    """Without the column that a partition is named by, which a source says otherwise."""
    from chronon.model.live import LiveTable

    columns = {name: kind for name, kind in table.columns.items() if name != "ds"}
    return LiveTable(columns=columns, others=table.others, problem=table.problem)


def _compared(source: SourceSpec, live: Mapping[str, LiveTable]) -> PulledSource:
    from chronon.loaders.contracts import differences

    found = [
        Compared(contract=contract, difference=difference, problem="" if difference else _problem(contract.table, live))
        for contract, difference in differences(source, live)
    ]
    return PulledSource(source=source, compared=tuple(found))


def _problem(table: str, live: Mapping[str, LiveTable]) -> str:
    return live[table].problem if table in live else f"there is no table {table} with a file in it"


def _written(config: Config, source: SourceSpec, live: Mapping[str, LiveTable]) -> PulledSource:
    """The source after it was written: what it still lacks is left."""
    from dataclasses import replace

    from chronon.loaders.pulling import pull

    now, written = pull(config.root, source, live)
    return replace(_compared(now, live), written=written)
