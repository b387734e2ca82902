"""How much work is: rows, bytes and partitions of a step, what it took, and what it will take as far as anybody can know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

Work = NewType("Work", str)
"""What is alike of two steps, of whatever days: `features shop.checkout < shop.user`. Times of one foretell the other's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Rows and bytes of files. bytes: of the columns that are read, as they lie on disk."""

    rows: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a step took that is done."""

    work: Work
    seconds: float
    read: Size
    written: Size
