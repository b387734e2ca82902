"""Edits of a bootstrap, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from planner_builders import a_group_by, a_join, a_lookup, bootstrapped

from chronon.model.definitions import Join
from chronon.model.types import Scalar

# A bootstrap gives one feature: each edit, and whether it moves that column. None moves a computed one.
PLAIN = a_join("training", a_group_by(), start="2024-02-01", online=True)
LOOKUP = a_lookup()
FILLED = bootstrapped(PLAIN, LOOKUP)


def filled(**edit: Any) -> Join:
    return replace(FILLED, filled=(replace(FILLED.filled[0], **edit),))


BOOTSTRAPS: Mapping[tuple[str, str], tuple[Join, bool]] = {
    ("Join", "lookups"): (bootstrapped(PLAIN, LOOKUP, a_lookup(table="shop.older")), True),
    ("Join", "filled"): (replace(FILLED, filled=()), True),
    ("Lookup", "part"): (
        bootstrapped(PLAIN, replace(LOOKUP, part=replace(LOOKUP.part, keys={"user": "card"}))),
        True,
    ),
    ("Lookup", "group_by"): (bootstrapped(PLAIN, a_lookup(expression="amount + 1")), True),
    ("Filled", "name"): (filled(name="shop_spend_amount_sum_7d"), True),
    ("Filled", "type"): (filled(type=Scalar.INT), False),
    ("Filled", "reads"): (filled(reads=tuple(reversed(FILLED.filled[0].reads))), True),
}
