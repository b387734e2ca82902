"""A constant whose value is not said: what is built of it holds for every value."""

from __future__ import annotations

from chronon.expressions.tree import Literal, Plain, Value
from chronon.model.types import Scalar


class AskedError(Exception):
    """Something depends on the value of a constant that has none."""


class Blank(Literal):
    """A constant of a type, not null and not negative, otherwise unknown. mark: how it is written. Errors: AskedError."""

    __slots__ = ("mark",)
    mark: str

    def __init__(self, mark: str, type: Plain) -> None:  # noqa: A002  # as the constant that it stands for
        object.__setattr__(self, "mark", mark)
        object.__setattr__(self, "type", type)

    @property
    def value(self) -> Value:
        """Nobody knows."""
        raise AskedError

    @property
    def is_null(self) -> bool:
        """Never."""
        return False

    @property
    def is_negative(self) -> bool:
        """Never."""
        return False

    def widened(self, to: Scalar) -> Blank:
        """The same number as a double."""
        if (self.type, to) != (Scalar.LONG, Scalar.DOUBLE):
            raise AskedError
        return Blank(f"{self.mark}{AS_DOUBLE}", to)


AS_DOUBLE = "_as_double"
"""Behind the mark of a whole number that is meant as a double."""
