"""A replacement that is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from chronon.loaders.nearest import listing, nearest, suggestion
from chronon.model.items import Item, items_of
from chronon.model.specs import GroupBySpec, Header, SourceSpec, Spec
from chronon.validators.check import Check, Finding
from chronon.validators.columns import Columns
from chronon.validators.context import Context
from chronon.validators.deprecations import leaving
from chronon.validators.references import Lost, Reason


def find(context: Context) -> Iterator[Finding]:
    """Every `use` that names nothing, or the very thing that shall go."""
    for spec in leaving(context):
        if spec.header.deprecated and spec.header.deprecated.use:
            yield from _of_object(context, spec.header, spec.header.deprecated.use)
        for item in items_of(spec):
            if item.deprecated and item.deprecated.use:
                yield from _of_item(context, spec, item, item.deprecated.use)


def _of_object(context: Context, header: Header, use: str) -> Iterator[Finding]:
    kind, team = header.id.kind, header.id.name.team
    found = context.references.find(kind, use, team)
    if found == header.id:
        message = f"`{use}` is to be read in place of itself"
        yield Finding(span=header.span("deprecated", "use"), message=message, hint=f"name another {kind}")
    elif isinstance(found, Lost) and found.reason is not Reason.HIDDEN:
        names = [name for name in context.references.names(kind, team) if name != str(header.id.name)]
        message = f"`{use}` is to be read in place of this {kind}, and {_why(found)}"
        yield Finding(span=header.span("deprecated", "use"), message=message, hint=_hint(found, use, names))


def _why(found: Lost) -> str:
    versions = " and ".join(map(str, found.versions))
    match found.reason:
        case Reason.AMBIGUOUS:
            return f"has versions {versions}"
        case Reason.NO_VERSION:
            return f"has only version {versions}"
        case _:
            return "is not there"


def _hint(found: Lost, use: str, names: Sequence[str]) -> str:
    """The version that is meant, or the nearest name, own names compared apart from teams."""
    if found.versions:
        return f"write `{use.partition('@')[0]}@{found.versions[-1]}`"
    own = {name.partition(".")[2]: name for name in reversed(names)}
    near = nearest(found.name.name, own)
    return f"did you mean `{own[near]}`?" if near else listing(names)


def _of_item(context: Context, spec: Spec, item: Item, use: str) -> Iterator[Finding]:
    columns = _neighbours(context, spec)
    if columns.is_open or (use in columns.types and not _is_itself(columns, item, use)):
        return
    text = "goes with it" if use in columns.types else "is not there"
    message = f"`{use}` is to be read in place of {item}, and {text}"
    known: Collection[str] = [name for name in columns.types if not _is_itself(columns, item, name)]
    yield Finding(span=spec.header.span(*item.path, "deprecated", "use"), message=message, hint=suggestion(use, known))


def _is_itself(columns: Columns, item: Item, name: str) -> bool:
    """Whether a column is what shall go; of an aggregation, one of its features."""
    return columns.deprecated.get(name) == item.deprecated


def _neighbours(context: Context, spec: Spec) -> Columns:
    """The columns that may be read in place of an item."""
    if isinstance(spec, SourceSpec):
        return context.images(spec)
    if isinstance(spec, GroupBySpec):
        return context.features(spec)
    return context.join(context.repository.joins[spec.header.id]).outputs


CHECK = Check(code="CHR-V114", summary="a replacement that is not there", find=find)
