"""A column or feature of which nobody says what it is."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.model.items import Item, items_of
from chronon.model.specs import ColumnSpec, DerivationSpec, Path
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context

REQUEST = "column_descriptions"


def find(context: Context) -> Iterator[Finding]:
    """Every column of a source, aggregation and derivation without a description, or with a blank one."""
    repository = context.repository
    for specs in (repository.sources, repository.group_bys, repository.joins):
        for spec in specs.values():
            severity = context.asked(REQUEST, spec.header.id.name.team)
            for item in items_of(spec) if severity else ():
                if not item.description.strip():
                    path, hint = _repair(item)
                    yield Finding(
                        span=spec.header.span(*path),
                        message=f"{item} has no description",
                        hint=hint,
                        severity=severity,
                    )


def _repair(item: Item) -> tuple[Path, str]:
    """The place of its name, and what to write there."""
    key = (*item.path[:-1], f"key:{item.name}")
    match item.spec:
        case ColumnSpec():
            return key, f"write `{item.name}: {{type: {item.spec.type}, description: ...}}`"
        case DerivationSpec():
            return key, f"write `{item.name}: {{expression: ..., description: ...}}`"
        case _:
            return (*item.path, "input"), "write `description:` beside `input`"


CHECK = Check(
    code="CHR-V117",
    summary="a column, aggregation or derivation without a description",
    find=find,
    severity=Severity.WARNING,
    request=REQUEST,
)
