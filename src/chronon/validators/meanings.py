"""What a feature or output is whatever its name: by this a column that went is known again in one that came.

Close enough for advice, and no more: what is equal data is decided by the digests of a plan.
"""

from __future__ import annotations

from collections.abc import Mapping

from chronon.model.definitions import Feature, GroupBy, Join
from chronon.model.names import ObjectId


def feature_meanings(group_by: GroupBy) -> dict[str, str]:
    """Feature → its operation, window and the expressions behind its input and buckets."""
    selects = [{select.name: select.expression for select in rows.selects} for rows in group_by.rows]
    return {feature.name: _meaning(feature, selects) for feature in group_by.features}


def output_meanings(join: Join, group_bys: Mapping[ObjectId, GroupBy]) -> dict[str, str]:
    """Output → the feature behind it and with which columns it is asked, or the expression of a derivation."""
    found = {select.name: f"left {select.expression}" for select in join.left.selects}
    for part in join.asked:
        if group_by := group_bys.get(part.group_by):
            asked = ", ".join(f"{key}={column}" for key, column in sorted(part.keys.items()))
            meanings = feature_meanings(group_by)
            about = f"{part.group_by} [{asked}]{' ahead' if part.ahead else ''}"
            found |= {part.column(name): f"{about} {meaning}" for name, meaning in meanings.items()}
    found |= {derived.name: f"= {derived.expression}" for derived in join.derivations}
    return found | {one.name: f"{found[one.name]}, filled" for one in join.filled if one.name in found}


def _meaning(feature: Feature, selects: list[dict[str, str]]) -> str:
    read = [[names.get(name, "") for name in (feature.input, *feature.buckets)] for names in selects]
    return f"{feature.operation} {feature.window} {feature.elementwise} of {read}"
