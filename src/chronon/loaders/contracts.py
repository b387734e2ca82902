"""The contract of a source beside the table that is there: what came, what went, what has another type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from chronon.model.live import Fit, LiveTable, held
from chronon.model.specs import ColumnSpec, Path, SourceSpec
from chronon.model.types import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The columns that a source promises of one table: its own, or that of the changes of its entities.

    path:    where the document declares them.
    columns: all that the table must have; of images those of the entities too.
    own:     names of those that stand at `path`.
    """

    table: str
    path: Path
    columns: tuple[ColumnSpec, ...]
    own: frozenset[str]
    partition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retyped:
    """A column whose values do not fit its declaration. live: what the table calls the type; type: None when we have none."""

    declared: DataType
    live: str
    type: DataType | None
    is_wider: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How a table differs from its contract; empty where readers find everything that they were promised.

    added:    columns that nobody declares.
    renamed:  new name → the declared one that is gone, where one of a type came and one of it went: a suspicion.
    unusable: column that nobody declares → what the table calls its type: none that a column can be declared with.
    """

    added: Mapping[str, DataType]
    retyped: Mapping[str, Retyped]
    gone: tuple[str, ...]
    renamed: Mapping[str, str]
    unusable: Mapping[str, str]

    @property
    def appended(self) -> Mapping[str, DataType]:
        """New columns that are no old ones under another name, as far as one can see."""
        return {name: kind for name, kind in self.added.items() if name not in self.renamed}

    @property
    def is_empty(self) -> bool:
        """Whether the contract says all that can be said."""
        return not (self.added or self.retyped or self.gone)


def contracts_of(source: SourceSpec) -> Iterator[Contract]:
    """What a source promises, table by table."""
    kind = source.kind.value
    yield Contract(
        table=source.table,
        path=(kind, "columns"),
        columns=source.columns,
        own=frozenset(column.name for column in source.columns),
        partition=source.partition,
    )
    if (images := source.mutations) is not None:
        yield Contract(
            table=images.table,
            path=(kind, "mutations", "columns"),
            columns=(*source.columns, *images.columns),
            own=frozenset(column.name for column in images.columns),
            partition=source.partition,
        )


def differences(source: SourceSpec, live: Mapping[str, LiveTable]) -> Iterator[tuple[Contract, Difference | None]]:
    """What a source promises beside each of its tables; None where a table is not there or cannot be read.

    A column that is new in the entities is no column of the images alone, though these have it too.
    """
    shared: Mapping[str, DataType] = {}
    for contract in contracts_of(source):
        table = live.get(contract.table)
        if table is None or table.problem:
            yield contract, None
            continue
        found = difference_of(contract, table)
        yield contract, replace(found, added={n: kind for n, kind in found.added.items() if n not in shared})
        shared = found.added


def difference_of(contract: Contract, live: LiveTable) -> Difference:
    """What the table has and the contract does not say, and the other way round."""
    found = {column.name: held(live, column) for column in contract.columns}
    known = {each.name for each in found.values()} | set(found) | {contract.partition}
    added = {name: kind for name, kind in live.columns.items() if name not in known}
    gone = tuple(name for name, each in found.items() if each.fit is Fit.MISSING)
    types = {column.name: column.type for column in contract.columns}
    return Difference(
        added=added,
        retyped={
            name: Retyped(
                declared=types[name],
                live=each.type,
                type=live.columns.get(each.name or ""),
                is_wider=each.fit is Fit.WIDER,
            )
            for name, each in found.items()
            if each.fit in {Fit.WIDER, Fit.OTHER}
        },
        gone=gone,
        renamed=_renamed(added, {name: types[name] for name in gone}),
        unusable={name: text for name, text in live.others.items() if name not in known},
    )


def _renamed(added: Mapping[str, DataType], gone: Mapping[str, DataType]) -> dict[str, str]:
    """New name → old name, where exactly one column of a type came and exactly one went."""
    came, went = _by_type(added), _by_type(gone)
    return {names[0]: went[kind][0] for kind, names in came.items() if len(names) == 1 and len(went.get(kind, ())) == 1}


def _by_type(columns: Mapping[str, DataType]) -> dict[DataType, list[str]]:
    found: dict[DataType, list[str]] = {}
    for name, kind in columns.items():
        found.setdefault(kind, []).append(name)
    return found
