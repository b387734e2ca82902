"""A bootstrap that gives what no feature is."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.loaders.nearest import suggestion
from chronon.model.diagnostics import Span
from chronon.model.specs import BootstrapSpec, JoinSpec
from chronon.validators.bootstraps import Given, derivations_of, given_by, is_of_left, used_targets
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, JoinColumns

_OTHERS = "a bootstrap gives features and derivations; take a column of the left side from its own table"


def find(context: Context) -> Iterator[Finding]:
    """Every select of a bootstrap that is neither key nor a feature or derivation which somebody sees."""
    for join in context.repository.joins.values():
        for index, one in enumerate(join.bootstrap):
            yield from _of_one(context, join, index, one)


def _of_one(context: Context, join: JoinSpec, index: int, one: BootstrapSpec) -> Iterator[Finding]:
    found = tuple(given_by(context, join, one))
    if not found:
        hint = "select features by their names in the join, such as `airlines_carrier_delay_average_7d: delay`"
        yield Finding(span=_span(join, index), message="this bootstrap gives no feature", hint=hint)
    seen: dict[str, str] = {}
    for given in found:
        if told := _told(context, join, given, seen.setdefault(given.target, given.written)):
            message, hint = told
            yield Finding(span=_span(join, index, f"key:{given.written}"), message=message, hint=hint)


def _told(context: Context, join: JoinSpec, given: Given, first: str) -> tuple[str, str] | None:
    """What is wrong with a column that is given, and what to do. first: the name under which the table gives it first."""
    columns, name = context.join(join), given.written
    if is_of_left(columns, given.target):
        return f"`{name}` is a column of the left side", _OTHERS
    if given.target not in derivations_of(join) and columns.base.lacks(given.target):
        return f"join `{join.header.id.name}` has no feature or derivation `{name}`", suggestion(name, _names(columns))
    if first != name:
        return f"`{first}` and `{name}` are the same column", "give it once"
    if not columns.base.is_open and given.target not in used_targets(context, join):
        hint = "remove it, or let `derivations` keep the feature"
        return f"`{name}` is not in the result, and no derivation reads it", hint
    return None


def _names(columns: JoinColumns) -> set[str]:
    return {name for name in {*columns.base.types, *columns.outputs.types} if not is_of_left(columns, name)}


def _span(join: JoinSpec, index: int, *inside: str) -> Span:
    return join.header.span("bootstrap", index, "select", *inside)


CHECK = Check(code="CHR-V143", summary="a bootstrap gives what is no feature of the join", find=find)
