"""A tile that does not divide the smallest hop."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec, TeamSpec
from chronon.model.time import duration_text
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.defaults import LARGEST_TILE


def find(context: Context) -> Iterator[Finding]:
    """Every tile, of a team or a group_by, of which 5 minutes are no multiple."""
    specs: tuple[TeamSpec | GroupBySpec, ...] = (
        *context.repository.teams.values(),
        *context.repository.group_bys.values(),
    )
    for spec in specs:
        if spec.tile is not None and LARGEST_TILE % spec.tile:
            message = f"5 minutes are no multiple of a tile of {duration_text(spec.tile)}"
            yield Finding(span=spec.header.span("tile"), message=message, hint="use 1m or 5m")


CHECK = Check(code="CHR-V013", summary="a tile that does not divide 5 minutes", find=find, alone=True)
