"""What a topic of files holds, checked line by line before Flink reads it.

Flink's own reader sets a field of the wrong type to null and says nothing. Here such a line is a dead letter with its
place, and everything that Flink gets is well formed, of the declared types, and a copy that nobody appends to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from chronon.model.types import DataType
from chronon.runners.flink.forms import Packing, line_struct, packing
from chronon.stores.topics import topic_files

DEAD_LETTERS = "dead_letters.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What was taken in. events: good lines.  dead: bad ones.  first: place and reason of the first of these.

    position: bytes of the topic that were there when it began; what came later may or may not be in.
    """

    events: int
    dead: int
    position: int
    first: str = ""


def take_in(
    folder: Path,
    columns: Mapping[str, DataType],
    into: Path,
    letters: Path,
    aliases: Mapping[str, tuple[str, ...]] | None = None,
) -> Intake:
    """Copy the lines of every `*.jsonl` that fit the columns into `into/events/`, the others into a file of letters.

    aliases: column → the names that it had before: a line that lacks the column is read under the first that it has.
    A column that a line lacks is null there. Blank lines are nothing. Values keep every bit; see `forms`.
    """
    intake = _Lines.of(columns, aliases or {})
    (into / "events").mkdir(parents=True)
    events = dead = 0
    files = topic_files(folder)
    position = sum(path.stat().st_size for path in files)
    with letters.open("wb") as bad_lines:
        for path in files:
            with path.open("rb") as lines, (into / "events" / path.name).open("wb") as kept:
                good, bad = _copy(lines, path.name, intake, kept, bad_lines)
            events, dead = events + good, dead + bad
    return Intake(events=events, dead=dead, position=position, first=_first(letters) if dead else "")


def _first(letters: Path) -> str:
    with letters.open("rb") as lines:
        letter = msgspec.json.decode(lines.readline())
    return f"{letter['file']} line {letter['line']}: {letter['error']}"


@dataclass(frozen=True, slots=True)
class _Lines:
    """Reads lines with these columns.

    packed: fields whose values travel in another form.  renamed: fields, each with those of its former names.
    extra: fields of former names only, which nobody reads as such.
    """

    decoder: msgspec.json.Decoder[Any]
    packed: tuple[tuple[str, Packing], ...]
    renamed: tuple[tuple[str, tuple[str, ...]], ...]
    extra: tuple[str, ...]

    @classmethod
    def of(cls, columns: Mapping[str, DataType], aliases: Mapping[str, tuple[str, ...]]) -> _Lines:
        found = [(f"c{at}", packing(kind)) for at, kind in enumerate(columns.values())]
        packed = tuple((field, pack) for field, pack in found if pack is not None)
        known = dict(columns) | {
            alias: columns[name] for name, former in aliases.items() for alias in former if alias not in columns
        }
        fields = {name: f"c{at}" for at, name in enumerate(known)}
        renamed = tuple((fields[name], tuple(fields[alias] for alias in former)) for name, former in aliases.items())
        absent = frozenset(field for one, former in renamed for field in (one, *former))
        extra = tuple(field for name, field in fields.items() if name not in columns)
        return cls(msgspec.json.Decoder(line_struct(known, absent)), packed, renamed, extra)

    def event(self, line: bytes) -> msgspec.Struct:
        """The event of a line. Errors: ValueError when it does not fit."""
        event: msgspec.Struct = self.decoder.decode(line)
        for field, former in self.renamed:
            held = next((name for name in (field, *former) if getattr(event, name) is not msgspec.UNSET), field)
            setattr(event, field, getattr(event, held))
        for field in self.extra:
            setattr(event, field, msgspec.UNSET)
        for field, pack in self.packed:
            value = getattr(event, field)
            if value is not None and value is not msgspec.UNSET:
                setattr(event, field, pack(value))
        return event


def _copy(lines: IO[bytes], name: str, intake: _Lines, kept: IO[bytes], letters: IO[bytes]) -> tuple[int, int]:
    good = bad = 0
    encoder = msgspec.json.Encoder()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event = intake.event(line)
        except ValueError as cause:
            letter = {
                "file": name,
                "line": number,
                "error": str(cause),
                "text": line.decode(errors="replace").rstrip("\n"),
            }
            letters.write(encoder.encode(letter) + b"\n")
            bad += 1
            continue
        kept.write(encoder.encode(event) + b"\n")
        good += 1
    return good, bad


def event_files(taken: Path) -> Iterator[Path]:
    """The files that `take_in` wrote and that hold something."""
    return (path for path in sorted((taken / "events").iterdir()) if path.stat().st_size)
