"""Whether who reads with one schema can read what was written with another. Pure: schemas in, violations out.

A reader asks for each of its columns by name, then by the names that it had before (aliases). What is there must be of its
type or widen to it (`model.widening`). What is not there is null where the column is optional, else the reader fails.
docs/evolution.md is the table of all cases; tests/validators/test_compatibility.py holds it against a simulated writer and
reader that share no code with this.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chronon.model.specs import Compatibility
from chronon.model.types import DataType
from chronon.model.widening import widens


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column as readers and writers see it.

    optional: data may lack it, then it is null.  aliases: the names that it had before, the newest first.
    asked:   of a join, the left columns that a request must carry for it; None where that is not known.
    meaning: what it is whatever its name, to know it again; empty where that is not known. No part of the contract.
    """

    name: str
    type: DataType
    optional: bool = False
    aliases: tuple[str, ...] = ()
    asked: tuple[str, ...] | None = None
    meaning: str = dataclasses.field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The columns of a source, or what a group_by or join gives.

    keys:  how rows are sought, in order; other names or types are another space of keys.
    fills: what older data lack is computed or null, so the newest reader misses nothing; readers from before still do.
    """

    fields: tuple[Field, ...]
    keys: tuple[tuple[str, DataType], ...] = ()
    fills: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A schema that was written or read with before. label: the revision or environment that has it."""

    label: str
    schema: Schema


class Direction(StrEnum):
    """Who fails. BACKWARD: a new reader on old data.  FORWARD: an old reader on new data."""

    BACKWARD = "BACKWARD"
    FORWARD = "FORWARD"


class Reason(StrEnum):
    """Why it fails, by the code of its finding."""

    MISSING = "CHR-V060"
    RENAMED = "CHR-V061"
    RETYPED = "CHR-V062"
    OPTIONAL = "CHR-V063"
    KEYS = "CHR-V064"
    REMOVED = "CHR-V065"


SUMMARIES = {
    Reason.MISSING: "a column that a reader needs is not in the data that it reads",
    Reason.RENAMED: "a column was renamed, and readers from before do not know the new name",
    Reason.RETYPED: "a column has a type that is not the reader's and does not widen to it",
    Reason.OPTIONAL: "a column that a reader needs may be missing from the data that it reads",
    Reason.KEYS: "keys have other names or types than the reader's",
    Reason.REMOVED: "an object that readers know is gone",
}
"""What each finding of a comparison says, for the manual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One reader that fails on one column.

    old, new: the column as it was and as it is; None where it is not.  label: of the version that was compared.
    twin:     of a column that is gone, a new one that is the same under another name.
    keys:     of other keys, what differs; `new` is then the first column that is asked with them, None of a group_by.
    """

    reason: Reason
    direction: Direction
    label: str
    old: Field | None = None
    new: Field | None = None
    twin: Field | None = None
    keys: str = ""


def broken(history: Sequence[Version], new: Schema, mode: Compatibility) -> tuple[Violation, ...]:
    """Every violation of a mode, the version that is compared first. history: the newest version first.

    Only the transitive modes look further back than the first; of the same violation by several the newest is told.
    """
    found: dict[tuple[object, ...], Violation] = {}
    for version in history if mode.is_transitive else history[:1]:
        for violation in _violations(version, new, mode):
            key = (violation.reason, violation.direction, violation.old, violation.new, violation.keys)
            found.setdefault(key, violation)
    return tuple(found.values())


def _violations(version: Version, new: Schema, mode: Compatibility) -> Iterator[Violation]:
    old = version.schema
    for keys, first in _key_changes(old, new):
        for direction, holds in ((Direction.BACKWARD, mode.is_backward), (Direction.FORWARD, mode.is_forward)):
            if holds:
                yield Violation(reason=Reason.KEYS, direction=direction, label=version.label, new=first, keys=keys)
    if mode.is_backward:
        reader = replace(new, fields=tuple(replace(field, optional=True) for field in new.fields)) if new.fills else new
        for reason, sought, found in _failures(reader, old):
            told = next((field for field in new.fields if sought and field.name == sought.name), None)
            yield Violation(reason=reason, direction=Direction.BACKWARD, label=version.label, old=found, new=told)
    if mode.is_forward:
        for reason, sought, found in _failures(old, new):
            heir = found or (_heir(sought, new) if sought else None)
            why = Reason.RENAMED if reason is Reason.MISSING and heir else reason
            twin = _twin(sought, old, new) if why is Reason.MISSING else None
            yield Violation(
                reason=why, direction=Direction.FORWARD, label=version.label, old=sought, new=heir, twin=twin
            )


def _key_changes(old: Schema, new: Schema) -> Iterator[tuple[str, Field | None]]:
    """What differs in how rows are sought: of the whole, and of columns of both that are asked with other left columns.

    With these the first of them.
    """
    if old.keys != new.keys:
        yield _differing(dict(old.keys), dict(new.keys)), None
    before = {field.name: field.asked for field in old.fields}
    changed: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Field]] = {}
    for field in new.fields:
        asked, was = field.asked, before.get(field.name)
        if asked is not None and was is not None and asked != was:
            changed.setdefault((was, asked), []).append(field)
    for (was, asked), fields in changed.items():
        more = f" and {len(fields) - 1} more" if len(fields) > 1 else ""
        yield f"`{fields[0].name}`{more}: {_differing(dict.fromkeys(was), dict.fromkeys(asked))}", fields[0]


def _differing(old: Mapping[str, DataType | None], new: Mapping[str, DataType | None]) -> str:
    """Keys that came, went, have another type, or another order."""
    told = [f"`{name}` is gone" for name in old if name not in new]
    told += [f"`{name}` {new[name] or ''}".rstrip() + " is new" for name in new if name not in old]
    told += [f"`{name}` was {old[name]} and is {new[name]}" for name in new if name in old and old[name] != new[name]]
    return ", ".join(told) or f"their order is {', '.join(f'`{name}`' for name in new)}"


def _twin(sought: Field | None, old: Schema, new: Schema) -> Field | None:
    """The column that came and is what one that went was."""
    if sought is None or not sought.meaning:
        return None
    known = {field.name for field in old.fields}
    return next(
        (
            field
            for field in new.fields
            if (field.meaning, field.type) == (sought.meaning, sought.type) and field.name not in known
        ),
        None,
    )


def _failures(reader: Schema, writer: Schema) -> Iterator[tuple[Reason, Field | None, Field | None]]:
    """What a reader fails on: the reason, its column, and what the writer has for it."""
    written = {field.name: field for field in writer.fields}
    for field in reader.fields:
        yield from _column_failures(field, [written[name] for name in (field.name, *field.aliases) if name in written])


def _column_failures(field: Field, candidates: Sequence[Field]) -> Iterator[tuple[Reason, Field | None, Field | None]]:
    """The same for one column. candidates: what may be read as it; a later one only where those before are lacking."""
    for found in candidates:
        if not widens(found.type, field.type):
            yield Reason.RETYPED, field, found
        if not found.optional:
            return
    if not field.optional:
        yield (Reason.OPTIONAL, field, candidates[-1]) if candidates else (Reason.MISSING, field, None)


def _heir(field: Field, schema: Schema) -> Field | None:
    """The column that has this one's name among its aliases."""
    return next((other for other in schema.fields if field.name in other.aliases), None)
