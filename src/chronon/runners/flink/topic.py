"""What a topic of files holds, checked line by line before Flink reads it.

Flink's own reader sets a field of the wrong type to null and says nothing. Here such a line is a dead letter with its
place, and everything that Flink gets is well formed, of the declared types, and a copy that nobody appends to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from chronon.model.savepoints import FilePlace, Savepoint
from chronon.model.types import DataType
from chronon.runners.flink.forms import Packing, line_struct, packing
from chronon.stores.topics import Digesting, is_within_line, topic_files

DEAD_LETTERS = "dead_letters.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What was taken in. events: good lines.  dead: bad ones.  first: place and reason of the first of these.

    position: bytes of the topic that were there when it began: nothing that came later is in.  read: those not folded before.
    files:    up to where each file is in. A last line without an end that fits no event is not: it may go on.
    """

    events: int
    dead: int
    position: int
    read: int
    files: tuple[FilePlace, ...]
    first: str = ""


def take_in(  # noqa: PLR0917 - what is read, where it goes, then how
    folder: Path,
    columns: Mapping[str, DataType],
    into: Path,
    letters: Path,
    aliases: Mapping[str, tuple[str, ...]] | None = None,
    behind: Savepoint | None = None,
) -> Intake:
    """Copy the lines of every `*.jsonl` that fit the columns into `into/events/`, the others behind those in a file of letters.

    aliases: column → the names that it had before: a line that lacks the column is read under the first that it has.
    behind:  only the lines after a savepoint, from which the topic goes on.
    A column that a line lacks is null there. Blank lines are nothing. Values keep every bit; see `forms`.
    """
    intake = _Lines.of(columns, aliases or {})
    (into / "events").mkdir(parents=True)
    sizes = {path: path.stat().st_size for path in topic_files(folder)}
    copied = []
    with letters.open("ab") as bad_lines:
        began = bad_lines.tell()
        for path, size in sizes.items():
            place = behind.place(path.name) if behind else FilePlace(name=path.name)
            with path.open("rb") as lines, (into / "events" / path.name).open("wb") as kept:
                copied.append(_copy(lines, size, place, intake, kept, bad_lines))
    dead = sum(each.dead for each in copied)
    return Intake(
        events=sum(each.events for each in copied),
        dead=dead,
        position=sum(sizes.values()),
        read=sum(sizes.values()) - (behind.bytes if behind else 0),
        files=tuple(each.place for each in copied),
        first=_first(letters, began) if dead else "",
    )


def letters_before(kept: Path | None, savepoints: Collection[Savepoint], letters: Path) -> None:
    """Begin a file of letters with those of lines that are folded already, so that it tells of the whole topic.

    kept: what earlier runs left, if they did.
    """
    with letters.open("wb") as before:
        for line in kept.read_bytes().splitlines(keepends=True) if savepoints and kept and kept.is_file() else ():
            letter = msgspec.json.decode(line)
            if letter["line"] <= min(savepoint.place(letter["file"]).lines for savepoint in savepoints):
                before.write(line)


def _first(letters: Path, start: int) -> str:
    with letters.open("rb") as lines:
        lines.seek(start)
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


@dataclass(frozen=True, slots=True)
class _Copied:
    """What was copied of a file, and up to where."""

    events: int
    dead: int
    place: FilePlace


def _copy(  # noqa: PLR0917 - what is read and how, then where it goes
    lines: IO[bytes], size: int, place: FilePlace, intake: _Lines, kept: IO[bytes], letters: IO[bytes]
) -> _Copied:
    """The lines of a file behind a place that end before `size`: what is written meanwhile belongs to the next run."""
    events = dead = 0
    digesting, encoder = Digesting(), msgspec.json.Encoder()
    is_rest = is_within_line(lines, place)
    lines.seek(0)
    digesting.take_from(lines, place.bytes)
    at, number = place.bytes, place.lines - is_rest
    for line in lines:
        if at + len(line) > size:
            break
        error = _put(line, intake, encoder, kept) if line.strip() else ""
        if error:
            letter = {
                "file": place.name,
                "line": number + 1,
                "error": error,
                "text": line.decode(errors="replace").rstrip("\n"),
            }
            letters.write(encoder.encode(letter) + b"\n")
            dead += 1
            if not line.endswith(b"\n"):
                break
        events += bool(line.strip()) and not error
        at, number = at + len(line), number + 1
        digesting.take(line)
    return _Copied(events, dead, FilePlace(name=place.name, bytes=at, lines=number, digest=digesting.text()))


def _put(line: bytes, intake: _Lines, encoder: msgspec.json.Encoder, kept: IO[bytes]) -> str:
    """Keep the event of a line; why it is none."""
    try:
        event = intake.event(line)
    except ValueError as cause:
        return str(cause) or "it does not fit"
    kept.write(encoder.encode(event) + b"\n")
    return ""


def event_files(taken: Path) -> Iterator[Path]:
    """The files that `take_in` wrote and that hold something."""
    return (path for path in sorted((taken / "events").iterdir()) if path.stat().st_size)
