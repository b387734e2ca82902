"""Decides what must change: fingerprints, differences, days, steps. Pure: no I/O, no clock, no randomness."""

from chronon.planners.days import EVERY_DAY, default_as_of
from chronon.planners.explain import explain
from chronon.planners.fingerprints import digests_of
from chronon.planners.moved import moved_since
from chronon.planners.moving import Destination, as_if_moved, move_plan, narrowed, overwritten
from chronon.planners.planning import differences, make_plan, plan_id
from chronon.planners.snapshots import snapshots_of
from chronon.planners.upstream import undeclared_of

__all__ = [
    "EVERY_DAY",
    "Destination",
    "as_if_moved",
    "default_as_of",
    "differences",
    "digests_of",
    "explain",
    "make_plan",
    "move_plan",
    "moved_since",
    "narrowed",
    "overwritten",
    "plan_id",
    "snapshots_of",
    "undeclared_of",
]
