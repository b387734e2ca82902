"""Items of one group brought together as Python lists: for one entity that is faster than arrays.

Twin of `ragged.reduce` for pieces that come in the order of time (tests/aggregations/test_joining.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import assert_never

from chronon.aggregations.fold import Fold
from chronon.aggregations.ragged import Rule

Columns = tuple[list[int], ...]


def in_order(fold: Fold, pieces: Sequence[Columns]) -> Sequence[Columns]:
    """Pieces that came in any order as `joined` takes them: of folds that keep (ts, value) one that is sorted."""
    if fold.width == 1 or fold.rule is Rule.ADD:
        return pieces
    items = sorted(chain.from_iterable(zip(*piece, strict=True) for piece in pieces))
    return [tuple(map(list, zip(*items, strict=True)))]


def joined(fold: Fold, pieces: Sequence[Columns]) -> Columns:
    """The items of all pieces by the rule of the fold; keys in any order; none where all adds up to nothing.

    pieces: at least one; of folds that keep (ts, value) the earlier ones first, each sorted.
    """
    match fold.rule:
        case Rule.ADD:
            return _counted(pieces) if fold.width == 1 else _added(pieces)
        case Rule.SET:
            found = list(set().union(*(piece[0] for piece in pieces)))
            return (sorted(found)[-fold.keep :] if 0 < fold.keep < len(found) else found,)
        case Rule.LEAST | Rule.GREATEST if fold.width == 1:
            return (_ends(fold, pieces),)
        case Rule.LEAST:
            return tuple(list(chain.from_iterable(column))[: fold.keep] for column in zip(*pieces, strict=True))
        case Rule.GREATEST:
            return tuple(list(chain.from_iterable(column))[-fold.keep :] for column in zip(*pieces, strict=True))
        case _:
            assert_never(fold.rule)


def _ends(fold: Fold, pieces: Sequence[Columns]) -> list[int]:
    if fold.keep > 1:
        ranked = sorted(chain.from_iterable(piece[0] for piece in pieces))
        return ranked[-fold.keep :] if fold.rule is Rule.GREATEST else ranked[: fold.keep]
    best = max if fold.rule is Rule.GREATEST else min
    return [best(best(piece[0]) for piece in pieces)]


def _counted(pieces: Sequence[Columns]) -> Columns:
    total = sum(map(sum, (piece[0] for piece in pieces)))
    return ([total] if total else [],)


def _added(pieces: Sequence[Columns]) -> Columns:
    totals: dict[int, int] = {}
    for keys, amounts in pieces:
        for key, amount in zip(keys, amounts, strict=True):
            totals[key] = totals.get(key, 0) + amount
    if not all(totals.values()):
        totals = {key: amount for key, amount in totals.items() if amount}
    return list(totals), list(totals.values())
