"""Served values beside the training row of the same keys and moment: equal to the last bit, or not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One column of both sides.

    given: the value of the training row comes from a bootstrap, or is derived of one that does: it is no computed one.
    """

    column: str
    served: object
    trained: object
    given: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether both sides have the same value, bit for bit."""
        return is_same(self.served, self.trained)

    @property
    def differs(self) -> bool:
        """Whether both sides should have the same value, and have not."""
        return not self.given and not self.is_equal


def compared(
    served: Mapping[str, object],
    trained: Mapping[str, object],
    columns: Sequence[str],
    given: Collection[str] = (),
) -> tuple[Compared, ...]:
    """Both sides of some columns, in their order; a column that a side lacks counts as null there. given: by a bootstrap."""
    return tuple(_both(name, served.get(name), trained.get(name), is_given=name in given) for name in columns)


def _both(column: str, served: object, trained: object, *, is_given: bool) -> Compared:
    """Both sides of one column; pairs beside a map are shown as the map that they are."""
    if isinstance(served, dict) and isinstance(trained, list) and _is_map(trained):
        trained = dict(trained)
    return Compared(column=column, served=served, trained=trained, given=is_given)


def is_same(one: object, other: object) -> bool:
    """Whether two values are the same: floats by their bits (one NaN, two zeros), maps whatever their order.

    A map may also come as pairs, as Arrow gives it.
    """
    match one, other:
        case (float(), float()):
            return one.hex() == other.hex()
        case (dict(), list()) if _is_map(other):
            return is_same(one, dict(other))
        case (list(), dict()) if _is_map(one):
            return is_same(dict(one), other)
        case (dict(), dict()):
            return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
        case (list() | tuple(), list() | tuple()):
            return len(one) == len(other) and all(map(is_same, one, other))
        case _:
            return type(one) is type(other) and one == other


def _is_map(pairs: Sequence[object]) -> bool:
    return all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs)
