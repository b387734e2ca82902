"""`chronon graph`: sources, group_bys and joins, and who reads whom."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from chronon.cli.completing import objects_beginning_with
from chronon.cli.context import HERE, JsonOption, RepoOption
from chronon.cli.drafting import checked_or_told
from chronon.cli.exits import ExitCode
from chronon.cli.views.drawing import Arrow, Drawing, Node, Style, drawn

if TYPE_CHECKING:
    from collections.abc import Collection

    from chronon.model.names import ObjectId
    from chronon.planners.objects import ObjectGraph
    from chronon.planners.selectors import Selectable

StyleOption = Annotated[Style, typer.Option("--format", help="mermaid: for Markdown. dot: for Graphviz.")]
SelectionArgument = Annotated[
    list[str] | None,
    typer.Argument(
        help="Selectors: a name, +name, name+, team:x, kind:join …  [default: everything]",
        show_default=False,
        autocompletion=objects_beginning_with,
    ),
]


def graph(
    selectors: SelectionArgument = None,
    *,
    style: StyleOption = Style.TEXT,
    as_json: JsonOption = False,
    repo: RepoOption = HERE,
) -> int:
    """Show which objects there are and who reads whom.

    `chronon graph +delays.departure` is everything above a join, `chronon graph airlines.carrier+` all that depends on a group_by.
    """
    from chronon.planners.objects import object_graph
    from chronon.planners.selectors import Field, chosen, selectable

    checked = checked_or_told(repo, as_json=as_json)
    if checked is None:
        return ExitCode.FINDINGS
    repository, catalog = checked
    found = object_graph(catalog, repository)
    objects = selectable(repository)
    wanted = chosen(selectors, Field(graph=found, objects=objects, changed=None)) if selectors else set(found.parents)
    sys.stdout.write(drawn(_drawing(found, objects, wanted), Style.JSON if as_json else style) + "\n")
    return ExitCode.DONE


def _drawing(graph: ObjectGraph, objects: Collection[Selectable], wanted: Collection[ObjectId]) -> Drawing:
    paths = {one.id: one.path for one in objects}
    nodes = [
        Node(key=_key(identity), kind=identity.kind.value, label=str(identity), about=paths[identity])
        for identity in graph.parents
        if identity in wanted
    ]
    arrows = [
        Arrow(_key(parent), _key(identity))
        for identity, parents in graph.parents.items()
        for parent in parents
        if identity in wanted and parent in wanted
    ]
    return Drawing(nodes=tuple(nodes), arrows=tuple(sorted(arrows)))


def _key(identity: ObjectId) -> str:
    return f"{identity.kind} {identity}"
