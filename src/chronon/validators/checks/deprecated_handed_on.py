"""A join that hands on what shall go."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.model.specs import Deprecation, JoinSpec, PartSpec
from chronon.model.time import day_text
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.deprecations import goes_first, leaving
from chronon.validators.derived import derivation_reads

_SHOWN = 3


def find(context: Context) -> Iterator[Finding]:
    """Every part of which a join that stays longer hands features on, unless its group_by goes as a whole or a derivation reads them.

    After their last day CHR-V115 tells of them where they stand.
    """
    for join in context.repository.joins.values() if leaving(context) else ():
        for index, part in enumerate(join.parts):
            if features := _handed_on(context, join, index, part):
                yield _finding(join, index, part, features)


def _handed_on(context: Context, join: JoinSpec, index: int, part: PartSpec) -> dict[str, Deprecation]:
    """Feature of the result → when it shall go. What is told elsewhere is left out."""
    group_by = context.group_by(part, join.header.id.name.team)
    if group_by is None or group_by.header.deprecated or not context.features(group_by).deprecated:
        return {}
    columns = context.join(join)
    named = {one.name for one in join.derivations} | derivation_reads(
        context, join
    )  # CHR-V112 tells of what these read
    return {
        name: goes
        for name, goes in columns.parts[index].deprecated.items()
        if name in columns.outputs.deprecated
        and name not in named
        and not goes.is_past(context.whole.today)
        and not goes_first(join.header.deprecated, goes)
    }


def _finding(join: JoinSpec, index: int, part: PartSpec, features: dict[str, Deprecation]) -> Finding:
    names = [f"`{name}`" for name in sorted(features)]
    more = f" and {len(names) - _SHOWN} more" if names[_SHOWN:] else ""
    days = sorted({one.until for one in features.values() if one.until is not None})
    first = "the first " if len({one.until for one in features.values()}) > 1 else ""
    until = f" {first}after {day_text(days[0])}" if days else ""
    use = [one.use for one in features.values() if one.use]
    instead = f"read `{use[0]}` in its place, and " if len(names) == 1 and use else ""
    return Finding(
        span=join.header.span("parts", index, "group_by"),
        message=f"join hands on {', '.join(names[:_SHOWN])}{more} of `{part.group_by}`, which shall go{until}",
        hint=f"{instead}name in `derivations`, without `*`, what stays; or say when the join goes, with `deprecated`",
    )


CHECK = Check(code="CHR-V120", summary="a join that hands on what shall go", find=find, severity=Severity.WARNING)
