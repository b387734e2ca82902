"""A former name of something that is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from chronon.loaders.nearest import suggestion
from chronon.model.specs import GroupBySpec, Header
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every entry of `aliases` whose name is no feature, of a join no feature or derivation of the result."""
    yield from in_group_bys(context, _in_group_by)
    for join in context.repository.joins.values():
        columns = context.join(join)
        if join.aliases and not columns.outputs.is_open:
            yield from _lost(join.header, join.aliases, columns.outputs.types.keys() - columns.left.types.keys())


def _in_group_by(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    features = context.features(spec)
    if spec.aliases and not features.is_open:
        yield from _lost(spec.header, spec.aliases, features.types)


def _lost(header: Header, aliases: Mapping[str, str], known: Collection[str]) -> Iterator[Finding]:
    for old, new in aliases.items():
        if new not in known:
            message = f"`{old}` is to be a former name of `{new}`, which is no feature{_or_derivation(header)}"
            yield Finding(span=header.span("aliases", old), message=message, hint=suggestion(new, known))


def _or_derivation(header: Header) -> str:
    return " or derivation of the result" if header.id.kind == "join" else ""


CHECK = Check(code="CHR-V140", summary="a former name of something that is not there", find=find)
