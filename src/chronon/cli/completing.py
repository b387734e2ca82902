"""Completion of object names: read off the paths of the documents, none of which is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chronon.model.names import Kind


def objects_beginning_with(incomplete: str) -> list[str]:
    """The names of sources, group_bys and joins around the working directory; none outside a repository."""
    from chronon.loaders import find_config
    from chronon.loaders.files import Place, documents

    config, _ = find_config(Path.cwd())
    if config is None:
        return []
    places = documents(config.root, config.teams, (config.tables, config.streams))
    names = {
        f"{place.team}.{place.name}" + (f"@{place.version}" if place.version else "")
        for place in places
        if isinstance(place, Place) and place.kind is not Kind.TEAM
    }
    return sorted(name for name in names if name.startswith(incomplete))


NameArgument = Annotated[
    str,
    typer.Argument(help="team.name, or team.name@version.", show_default=False, autocompletion=objects_beginning_with),
]
