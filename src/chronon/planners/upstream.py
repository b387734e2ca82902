"""The tables that are read beside what is declared of them: what is missing, what has another type, whom it touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chronon.loaders.contracts import Contract, contracts_of, difference_of
from chronon.model.definitions import Catalog, Column
from chronon.model.diagnostics import Span
from chronon.model.live import Fit, Held, LiveTable, cast_instead, held
from chronon.model.plan import Drift, Reader
from chronon.model.specs import Repository
from chronon.planners.days import Available
from chronon.planners.reading import Reading, declared_at, reader_of, readings
from chronon.planners.snapshots import header_of

MISSING = "CHR-P140"
OTHER = "CHR-P141"
NARROWER = "CHR-P142"
NO_TABLE = "CHR-P143"
UNREAD = "CHR-P144"
UNDECLARED = "CHR-P145"
UNREADABLE = "CHR-P146"

ByTable = Mapping[str, list[Reading]]
"""Table → what is read of it."""

_PULL = "correct the table, or declare it as it is: `chronon schema pull {table}`"


def upstream_of(
    catalog: Catalog, repository: Repository, live: Mapping[str, LiveTable], available: Available
) -> tuple[Drift, ...]:
    """What is not as declared, what readers fail of first, then by table and column.

    live: tables that somebody looked at; of the others nothing is said but that they are not there.
    """
    read = _by_table(catalog)
    found = [
        *_missing_tables(read, available, repository),
        *_unreadable(read, live, repository),
        *_read_columns(read, live, repository),
        *_unread_columns(read, live, repository),
    ]
    return tuple(sorted(found, key=lambda each: (not each.blocks, not each.readers, each.subject, each.found)))


def undeclared_of(catalog: Catalog, repository: Repository, live: Mapping[str, LiveTable]) -> tuple[Drift, ...]:
    """Columns that tables which are read have beside those of their contract: nobody reads them, nothing follows."""
    tables = _by_table(catalog)
    found = []
    for contract, table in _contracts(repository, live):
        added = sorted(difference_of(contract, table).added) if contract.table in tables else []
        if added:
            follows = f"nobody reads what no source declares: `chronon schema pull {contract.table}` shows them"
            told = f"has {', '.join(added)}, which no source declares"
            found.append(Drift(code=UNDECLARED, subject=f"table {contract.table}", found=told, follows=follows))
    return tuple(sorted(set(found), key=lambda each: (each.subject, each.found)))


def _missing_tables(read: ByTable, available: Available, repository: Repository) -> Iterator[Drift]:
    for table in sorted(read.keys() - available.keys()):
        yield Drift(
            code=NO_TABLE,
            subject=f"table {table}",
            found="is not there",
            follows="nothing is computed of it until it is loaded, or `table:` is corrected",
            readers=_readers(read, table, None, repository),
        )


def _unreadable(read: ByTable, live: Mapping[str, LiveTable], repository: Repository) -> Iterator[Drift]:
    for table in sorted(read):
        if table in live and live[table].problem:
            yield Drift(
                code=UNREADABLE,
                subject=f"table {table}",
                found=f"cannot be read: {live[table].problem}",
                follows="write the file again; what reads it is left out of the plan until then",
                readers=_readers(read, table, None, repository),
                blocks=True,
            )


def _read_columns(read: ByTable, live: Mapping[str, LiveTable], repository: Repository) -> Iterator[Drift]:
    for name, of_table in read.items():
        table = live.get(name)
        if table is None or table.problem:
            continue
        for column in dict.fromkeys(column for each in of_table for column in each.rows.columns):
            found = held(table, column)
            if found.fit not in {Fit.SAME, Fit.ABSENT}:
                yield _finding(name, column, found, _readers(read, name, column, repository))


def _finding(table: str, column: Column, each: Held, readers: tuple[Reader, ...]) -> Drift:
    name = column.name if each.name in {None, column.name} else f"{column.name} (as {each.name})"
    subject, pull = f"table {table}", _PULL.format(table=table)
    if each.fit is Fit.MISSING:
        told = f"lacks {column.name}, which is declared as {column.type}"
        return Drift(code=MISSING, subject=subject, found=told, follows=pull, readers=readers, blocks=True)
    told = f"has {name} as {each.type}, which is declared as {column.type}"
    if each.fit is Fit.NARROWER:
        follows = "read as declared, every value the same: nothing is computed anew"
        return Drift(code=NARROWER, subject=subject, found=told, follows=follows, readers=readers)
    if instead := cast_instead(column, each):
        pull = f"correct the table, or {instead}"
    wider = "every value stays the same in the wider type; " if each.fit is Fit.WIDER else ""
    return Drift(code=OTHER, subject=subject, found=told, follows=wider + pull, readers=readers, blocks=True)


def _unread_columns(read: ByTable, live: Mapping[str, LiveTable], repository: Repository) -> Iterator[Drift]:
    """Declared columns that are not as declared and that nobody reads, of tables that somebody reads."""
    used = {
        (table, column.name) for table, of_table in read.items() for each in of_table for column in each.rows.columns
    }
    told: set[tuple[str, str]] = set()
    for contract, table in _contracts(repository, live):
        for column in contract.columns if contract.table in read else ():
            each = held(table, column)
            key = (contract.table, column.name)
            if each.fit.is_readable or key in used or key in told:
                continue
            told.add(key)
            lacks = f"lacks {column.name}, which is declared as {column.type}"
            other = f"has {column.name} as {each.type}, which is declared as {column.type}"
            place = declared_at(contract.table, column.name, repository)
            yield Drift(
                code=UNREAD,
                subject=f"table {contract.table}",
                found=lacks if each.fit is Fit.MISSING else other,
                follows=f"nobody reads it: nothing is done; it is declared at {place}",
            )


def _contracts(repository: Repository, live: Mapping[str, LiveTable]) -> Iterator[tuple[Contract, LiveTable]]:
    for source in sorted(repository.sources.values(), key=lambda source: source.header.id):
        for contract in contracts_of(source):
            table = live.get(contract.table)
            if table is not None and not table.problem:
                yield contract, table


def _readers(read: ByTable, table: str, column: Column | None, repository: Repository) -> tuple[Reader, ...]:
    """Who reads a column, or anything at all of a table."""
    if column is None:
        paths = {reading.reader.id: header_of(reading.reader.id, repository).path for reading in read[table]}
        return tuple(Reader(id=identity, columns=(), span=Span(path)) for identity, path in paths.items())
    found = [
        reader_of(reading, each, repository)
        for reading in read[table]
        for each in reading.rows.columns
        if each.name == column.name
    ]
    return tuple({(each.id, each.columns): each for each in found}.values())


def _by_table(catalog: Catalog) -> dict[str, list[Reading]]:
    found: dict[str, list[Reading]] = {}
    for reading in readings(catalog):
        found.setdefault(reading.rows.table, []).append(reading)
    return found
