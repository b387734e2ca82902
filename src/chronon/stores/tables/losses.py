"""Files that are recorded and no longer there."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from chronon.model.dayset import DaySet
from chronon.model.jobs import Digest
from chronon.model.state import State
from chronon.model.time import day_text
from chronon.stores.state.contract import StateStore

Stored = tuple[Digest, Digest]


def lost_days(
    store: StateStore, state: State, warehouse: Path, lefts: Collection[Digest], *, every_file: bool
) -> Mapping[Stored, DaySet]:
    """(left, column) → days of which a recorded file is gone.

    every_file: otherwise only days whose folder is gone are looked at: one listing per left, however many days it has.
    """
    lost: dict[Stored, DaySet] = {}
    recorded: dict[Digest, dict[Digest, DaySet]] = {left: {} for left in sorted(lefts)}
    for (left, column), made in state.computed.items():
        if left in recorded:
            recorded[left][column] = made
    for left, computed in recorded.items():
        days = _union(computed.values())
        suspects = days if every_file else days - _folders(warehouse / "left" / left, days)
        if not suspects:
            continue
        for fragment in store.fragments(left, set(computed), suspects):
            if not (warehouse / fragment.path).is_file():
                for column in {digest for digest, _name in fragment.columns} or {left}:
                    lost[left, column] = lost.get((left, column), DaySet()) | DaySet.days([fragment.day])
    return lost


def _folders(folder: Path, days: DaySet) -> DaySet:
    """The days that have a folder."""
    try:
        with os.scandir(folder) as entries:
            names = {entry.name for entry in entries}
    except (FileNotFoundError, NotADirectoryError):
        return DaySet()
    return DaySet.days(day for day in days if f"ds={day_text(day)}" in names)


def _union(sets: Collection[DaySet]) -> DaySet:
    found = DaySet()
    for days in sets:
        found |= days
    return found
