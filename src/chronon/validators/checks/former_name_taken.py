"""A former name that something else has: readers could not tell which is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chronon.model.specs import GroupBySpec, Header, JoinSpec, Path
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.checks.reserved_name import RESERVED
from chronon.validators.context import Context

Named = tuple[str, str, Path]
"""(former name, name, where the former one is written)."""


def find(context: Context) -> Iterator[Finding]:
    """Every former name that is reserved, the name of a column or key, or a former name of another column."""
    yield from in_group_bys(context, _in_group_by)
    for join in context.repository.joins.values():
        if join.aliases:
            names = dict.fromkeys(context.join(join).outputs.types, "a column of the result")
            yield from _taken(join.header, names, _of_join(join))


def _in_group_by(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    if not spec.aliases and not any(one.aliases for one in spec.aggregations):
        return iter(())
    features = dict.fromkeys(context.features(spec).types, "a feature")
    named = [(old, draft.name, path) for draft in context.drafts(spec) for old, path in draft.aliases.items()]
    return _taken(spec.header, {**dict.fromkeys(spec.keys, "a key"), **features}, named)


def _of_join(spec: JoinSpec) -> Iterator[Named]:
    for old, new in spec.aliases.items():
        yield old, new, ("aliases", f"key:{old}")


def _taken(header: Header, names: dict[str, str], aliases: Iterable[Named]) -> Iterator[Finding]:
    taken = {**dict.fromkeys(RESERVED, "a column of every table"), **names}
    told: set[Path] = set()
    for old, new, path in aliases:
        what = taken.setdefault(old, f"a former name of `{new}`")
        if what != f"a former name of `{new}`" and path not in told:
            told.add(path)
            message = f"`{old}` cannot be a former name of `{new}`: it is {what}"
            yield Finding(
                span=header.span(*path), message=message, hint="remove the alias, or rename what has its name"
            )


CHECK = Check(code="CHR-V141", summary="a former name that something else has", find=find)
