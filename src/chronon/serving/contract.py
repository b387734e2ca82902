"""What a caller asks and gets: requests, vectors, and the closed list of reasons why a value is not what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chronon.model.definitions import Column
from chronon.model.names import ObjectId
from chronon.model.time import Millis


class Status(StrEnum):
    """Why the values of a part, or one derived value, are not simply the values that training would have seen.

    NO_ENTITY, NULL_KEY: nulls, exactly as in training.
    STALE, HEAD_INEXACT: values that may differ from training's.
    Every other one: nulls because the value cannot be known.
    """

    OK = "ok"
    NO_ENTITY = "no_entity"
    NULL_KEY = "null_key"
    MISSING_KEY = "missing_key"
    BAD_KEY = "bad_key"
    STALE = "stale"
    HEAD_INEXACT = "head_inexact"
    NO_BATCH = "no_batch"
    BEFORE_BATCH = "before_batch"
    READ_FAILED = "read_failed"
    DERIVATION_FAILED = "derivation_failed"

    @property
    def is_unknown(self) -> bool:
        """Whether the values are null only because they could not be found out."""
        return self in _UNKNOWN


_UNKNOWN = frozenset(
    {
        Status.MISSING_KEY,
        Status.BAD_KEY,
        Status.NO_BATCH,
        Status.BEFORE_BATCH,
        Status.READ_FAILED,
        Status.DERIVATION_FAILED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One feature vector asked for.

    keys: columns of the left side by name: the keys of every part, and what derivations read besides.
    at:   the moment to answer for, epoch milliseconds; None is now.
    """

    keys: Mapping[str, object]
    at: Millis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One answer.

    values:   every feature and derivation, null where there is nothing, and the left columns that the request carried,
              in the order of the object's outputs.
    statuses: label of a part (its prefix) or name of a derivation → what is wrong with it; only what is not OK.
    details:  the same names → a sentence with the particulars, where there are any.
    """

    values: Mapping[str, object]
    statuses: Mapping[str, Status] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedSchema:
    """Names and types of what can be asked.

    keys:   what a request must carry.  inputs: other left columns that it may carry: derivations read some of them.
    outputs: every value of a vector, in order.
    parts:  label of every part → its columns.
    """

    id: ObjectId
    keys: tuple[Column, ...]
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    parts: Mapping[str, tuple[str, ...]]
