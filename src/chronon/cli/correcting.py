"""`--corrected`: days of sources or tables whose rows are not those any more that were computed of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.model.errors import ChrononError
from chronon.model.time import parse_day

if TYPE_CHECKING:
    from chronon.model.dayset import DaySet
    from chronon.model.specs import Repository

CorrectedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--corrected",
        metavar="NAME[=DAYS]",
        help="A source or table whose rows were corrected: DAY, FIRST..LAST, several with commas; without days all of it.",
    ),
]

_SOURCE, _TABLE = "source:", "table:"
_FORM = "write it as airlines.arrivals=2013-02-01..2013-02-03,2013-02-07"


def corrected_option(written: Sequence[str] | None, repository: Repository) -> Mapping[str, DaySet]:
    """Table → the days that were corrected.

    Errors: CHR-P173 what are no days, CHR-P174 no such source or table, CHR-P175 a source and a table of that name.
    """
    found: dict[str, DaySet] = {}
    for each in written or ():
        name, equals, days = each.partition("=")
        corrected = _days(each, days if equals else None)
        for table in _tables(name.strip(), repository):
            found[table] = found[table] | corrected if table in found else corrected
    return found


def corrected_arguments(written: Sequence[str] | None) -> str:
    """The options as they are typed, with a blank before each."""
    import shlex

    return "".join(f" --corrected {shlex.quote(each)}" for each in written or ())


def _days(option: str, text: str | None) -> DaySet:
    from chronon.model.dayset import DaySet
    from chronon.planners import EVERY_DAY

    if text is None:
        return EVERY_DAY
    ranges = []
    for part in text.split(","):
        first, dots, last = part.strip().partition("..")
        bounds = parse_day(first), parse_day(last if dots else first)
        if bounds[0] is None or bounds[1] is None:
            raise ChrononError(
                "CHR-P173", f"--corrected {option}: {part.strip()!r} is no day and no range of days", _FORM
            )
        if bounds[1] < bounds[0]:
            raise ChrononError("CHR-P173", f"--corrected {option}: {part.strip()} ends before it begins", _FORM)
        ranges.append((bounds[0], bounds[1] + 1))
    return DaySet.of(ranges)


def _tables(name: str, repository: Repository) -> frozenset[str]:
    """The tables that a name stands for: those of a source, or one that a source reads."""
    by_source: dict[str, set[str]] = {}
    for source in repository.sources.values():
        for called in (str(source.header.id.name), str(source.header.id)):
            by_source.setdefault(called, set()).update(source.tables)
    tables = {table for read in by_source.values() for table in read}
    if name.startswith(_SOURCE):
        return _known(name, frozenset(by_source.get(name.removeprefix(_SOURCE), ())), by_source)
    if name.startswith(_TABLE):
        return _known(name, tables & {name.removeprefix(_TABLE)}, tables)
    of_source, of_table = frozenset(by_source.get(name, ())), tables & {name}
    if of_source and of_table and of_source != of_table:
        message = f"{name} is a source, of {', '.join(sorted(of_source))}, and a table too"
        raise ChrononError("CHR-P175", message, f"write {_SOURCE}{name} or {_TABLE}{name}")
    return _known(name, of_source or of_table, {*by_source, *tables})


def _known(name: str, tables: frozenset[str] | set[str], names: Mapping[str, object] | set[str]) -> frozenset[str]:
    if tables:
        return frozenset(tables)
    from chronon.loaders.nearest import suggestion

    bare = name.removeprefix(_SOURCE).removeprefix(_TABLE)
    raise ChrononError(
        "CHR-P174", f"there is no source and no table that a source reads called {bare}", suggestion(bare, names)
    )
