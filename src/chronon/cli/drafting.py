"""From a repository and a state to a plan: what `plan`, `explain` and `apply` share."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chronon.cli.context import Checked, check
from chronon.cli.terminal import paint_for
from chronon.cli.views.diagnostics import counts, diagnostic_lines, diagnostics_json
from chronon.model.errors import ChrononError
from chronon.model.names import ObjectId, parse_reference
from chronon.model.time import Day, parse_day

if TYPE_CHECKING:
    from chronon.model.definitions import Catalog
    from chronon.model.plan import Plan
    from chronon.model.specs import Repository
    from chronon.model.state import State
    from chronon.stores.tables.sources import SourceTables

_UNKNOWN = "CHR-V090"


def checked_or_told(repo: Path, *, as_json: bool) -> tuple[Repository, Catalog] | None:
    """Repository and catalog; None when there are errors. Every finding is told on standard error."""
    checked = check(repo)
    if checked.found:
        _tell(checked, as_json=as_json)
    if checked.repository is None or checked.catalog is None:
        return None
    return checked.repository, checked.catalog


def draft(
    checked: tuple[Repository, Catalog],
    state: State,
    tables: SourceTables,
    *,
    streams: Path,
    environment: str,
    as_of: Day | None,
) -> Plan:
    """The plan against what is deployed, and the partitions and events that are there now."""
    from chronon.planners import make_plan
    from chronon.stores.topics import topic_sizes

    repository, catalog = checked
    available = tables.availability(tables_of(catalog))
    topics = {rows.topic for group_by in catalog.group_bys.values() for rows in group_by.streamed if rows.topic}
    held = topic_sizes(sorted(topics), streams)
    return make_plan(catalog, repository, state, available, environment=environment, as_of=as_of, held=held)


def tables_of(catalog: Catalog) -> tuple[str, ...]:
    """Every source table that the catalog reads, by name."""
    rows = [rows for group_by in catalog.group_bys.values() for rows in group_by.inputs]
    rows += [join.left for join in catalog.joins.values()]
    return tuple(sorted({row.table for row in rows if row.table}))


def objects_named(name: str, known: Collection[ObjectId]) -> list[ObjectId]:
    """Every object of that name: it may stand for a source, a group_by and a join, and for several versions.

    Errors: CHR-V090 when there is none, with the nearest names.
    """
    reference = parse_reference(name)
    if reference is not None:
        wanted, version = reference
        if found := sorted(each for each in known if each.name == wanted and version in (None, each.version)):
            return found
    from chronon.loaders.nearest import suggestion

    raise ChrononError(_UNKNOWN, f"there is no object {name}", suggestion(name, sorted(map(str, known))))


def day_option(text: str | None) -> Day | None:
    """The day that an option names. Errors: wrong usage when it is no date."""
    if text is None:
        return None
    day = parse_day(text)
    if day is None:
        raise typer.BadParameter(f"{text!r} is no day; expected a date such as 2013-02-28")
    return day


def _tell(checked: Checked, *, as_json: bool) -> None:
    if as_json:
        print(diagnostics_json(checked.found), file=sys.stderr)
        return
    paint = paint_for(sys.stderr)
    for line in diagnostic_lines(checked.found, paint):
        print(line, file=sys.stderr)
    verdict = f"nothing was planned: {counts(checked.found)}" if checked.catalog is None else counts(checked.found)
    print((paint.bad if checked.catalog is None else paint.warn)(verdict), file=sys.stderr)
