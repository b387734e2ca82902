"""From a repository and a state to a plan: what `plan`, `explain` and `apply` share."""

from __future__ import annotations

import shlex
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.context import check, config_of
from chronon.cli.correcting import corrected_option
from chronon.cli.telling import tell_findings
from chronon.model.errors import ChrononError
from chronon.model.names import ObjectId, parse_reference
from chronon.model.time import Day, parse_day

if TYPE_CHECKING:
    from chronon.model.dayset import DaySet
    from chronon.model.definitions import Catalog
    from chronon.model.live import Observed
    from chronon.model.plan import Change, Plan
    from chronon.model.specs import Repository
    from chronon.model.state import State
    from chronon.planners.selectors import Field
    from chronon.stores.tables.sources import SourceTables

_UNKNOWN = "CHR-V090"

SelectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--select", "-s", metavar="SELECTOR", help="Only these objects: a name, +name, name+, team:x, changed …"
    ),
]
ExcludeOption = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="SELECTOR", help="All but these objects.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which objects a plan may touch: selectors as written (docs/planning.md, Selecting)."""

    select: Sequence[str]
    exclude: Sequence[str]

    @property
    def is_everything(self) -> bool:
        """Whether nothing was selected."""
        return not (self.select or self.exclude)

    @property
    def arguments(self) -> str:
        """The selection as it is typed, with a blank before it; empty without one."""
        pairs = [("--select", one) for one in self.select] + [("--exclude", one) for one in self.exclude]
        return "".join(f" {option} {shlex.quote(one)}" for option, one in pairs)


RevisionOption = Annotated[
    str | None,
    typer.Option(
        "--revision", metavar="REV", help="Definitions of a commit, branch or tag.  [default: the working tree]"
    ),
]


def checked_or_told(repo: Path, *, as_json: bool, revision: str | None = None) -> tuple[Repository, Catalog] | None:
    """Repository and catalog; None when there are errors. Every finding of the working tree is told on standard error.

    revision: instead of the working tree. Errors: those of `declared_at`.
    """
    if revision is not None:
        from chronon.cli.against import declared_at

        return declared_at(config_of(repo).root, revision)
    checked = check(repo)
    tell_findings(checked.found, is_planned=checked.catalog is not None, as_json=as_json)
    if checked.repository is None or checked.catalog is None:
        return None
    return checked.repository, checked.catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which plan: of which target and environment, up to which day, for which objects.

    corrected: as written.  thorough: see `observing.look`.  revision: whose definitions; None is the working tree.
    """

    repo: Path
    target: str | None
    environment: str
    as_of: Day | None = None
    choice: Choice | None = None
    corrected: Sequence[str] = ()
    thorough: bool = False
    revision: str | None = None


def drafted_or_told(asked: Asked, *, is_whole: bool, as_json: bool) -> Plan | None:
    """The plan, with what is remembered where that is enough; None when the definitions have errors. Findings are told.

    is_whole: all of its snapshots are wanted.  Errors: those of `planned`.
    """
    from chronon.cli.replanning import replanning

    is_whole_tree = asked.choice is None or asked.choice.is_everything
    is_plain = is_whole_tree and not (asked.thorough or asked.corrected or asked.revision)
    again = replanning(asked.repo, time.time_ns()) if is_plain else None
    if again is None:
        checked = checked_or_told(asked.repo, as_json=as_json, revision=asked.revision)
        return None if checked is None else planned(checked, asked)[0]
    tell_findings(again.found, is_planned=not again.has_errors, as_json=as_json)
    if again.has_errors:
        return None
    return again.plan(asked.repo, asked.target, asked.environment, asked.as_of, whole=is_whole)


def planned(checked: tuple[Repository, Catalog], asked: Asked) -> tuple[Plan, State, SourceTables]:
    """The plan, with what its steps take, the state that it starts from, and the tables of the sources. Writes nothing, not even a folder.

    Errors: those of `corrected_option` and `draft`; CHR-S031 no such target; CHR-K016 … CHR-K019 of the state store.
    """
    from chronon.cli.continuing import savepoints_for
    from chronon.cli.measuring import measured
    from chronon.cli.observing import look
    from chronon.stores.state import open_state
    from chronon.stores.tables.sources import SourceTables

    config = config_of(asked.repo)
    target, tables = config.target(asked.target), SourceTables(config.tables)
    with closing(open_state(target.state)) as store:
        told, state = corrected_option(asked.corrected, checked[0]), store.read()
        seen = look(store, state, target, tables, asked.environment, told, thorough=asked.thorough)
        savepoints = savepoints_for(state, target, config.streams)
        plan = draft(
            checked,
            state,
            tables,
            streams=config.streams,
            environment=asked.environment,
            as_of=asked.as_of,
            choice=asked.choice,
            observed=replace(seen, savepoints=savepoints),
        )
        return measured(plan, store, state, tables, (config.streams, savepoints)), state, tables


def draft(
    checked: tuple[Repository, Catalog],
    state: State,
    tables: SourceTables,
    *,
    streams: Path,
    environment: str,
    as_of: Day | None,
    choice: Choice | None = None,
    observed: Observed | None = None,
) -> Plan:
    """The plan against what is deployed, and the partitions, columns and events that are there now.

    observed: what else there is; see `observing.look`.
    Errors: those of `make_plan`; CHR-P092 and CHR-P093 of the selectors.
    """
    from chronon.cli.observing import tables_to_look_at
    from chronon.model.live import Observed
    from chronon.planners import default_as_of, make_plan
    from chronon.stores.topics import topic_sizes

    repository, catalog = checked
    read = tables.of(catalog.table_rows)
    available = read.availability(tables_of(catalog))
    until = default_as_of(catalog, state, available) if as_of is None else as_of
    there = replace(observed or Observed(), tables=read.live(tables_to_look_at(catalog.table_rows, until)))
    held = topic_sizes(catalog.topics, streams)
    make = partial(
        make_plan,
        catalog,
        repository,
        state,
        available,
        environment=environment,
        as_of=as_of,
        held=held,
        observed=there,
    )
    if choice is None or choice.is_everything:
        return make()
    return make(selected=_selected(choice, checked, make().changes))


def _selected(choice: Choice, checked: tuple[Repository, Catalog], changes: Sequence[Change]) -> frozenset[ObjectId]:
    """The objects of a plan that may change. changes: all that there are, also of objects that are no longer declared."""
    from chronon.planners.objects import object_graph
    from chronon.planners.selectors import Field, selectable, with_removed

    repository, catalog = checked
    graph = object_graph(catalog, repository)
    removed = {change.id: change.span.path for change in changes if change.id not in graph.parents}
    changed = frozenset(change.id for change in changes)
    return chosen_of(choice, with_removed(Field(graph=graph, objects=selectable(repository), changed=changed), removed))


def chosen_of(choice: Choice, field: Field) -> frozenset[ObjectId]:
    """The objects of a field that are selected and not excluded. Errors: CHR-P092 and CHR-P093 of the selectors."""
    from chronon.planners.selectors import chosen

    everything = frozenset(one.id for one in field.objects)
    wanted = chosen(choice.select, field) if choice.select else everything
    return wanted - (chosen(choice.exclude, field) if choice.exclude else frozenset())


def tables_of(catalog: Catalog) -> tuple[str, ...]:
    """Every source table that the catalog reads, by name."""
    return tuple(sorted({rows.table for rows in catalog.table_rows}))


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


def days_option(text: str | None) -> DaySet | None:
    """The days that an option names: `FIRST..LAST`, or one. Errors: wrong usage when they are no dates."""
    if text is None:
        return None
    from chronon.model.dayset import DaySet

    first, _dots, last = text.partition("..")
    days = day_option(first.strip()), day_option(last.strip() or first.strip())
    if days[0] is None or days[1] is None or days[1] < days[0]:
        raise typer.BadParameter(f"{text!r} are no days; expected FIRST..LAST such as 2013-02-01..2013-02-28")
    return DaySet.span(days[0], days[1])
