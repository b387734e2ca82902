"""What a topic of files holds, checked line by line before Flink reads it.

Flink's own reader sets a field of the wrong type to null and says nothing. Here such a line is a dead letter with its
place, and everything that Flink gets is well formed, of the declared types, and a copy that nobody appends to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Annotated, Any

import msgspec

from chronon.model.errors import ChrononError
from chronon.model.types import DataType, Scalar
from chronon.stores.topics import topic_files

DEAD_LETTERS = "dead_letters.jsonl"

_LARGEST_FLOAT = 3.4028234663852886e38
_FIELDS: Mapping[DataType, Any] = {
    Scalar.BOOLEAN: bool,
    Scalar.INT: Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)],
    Scalar.LONG: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
    Scalar.FLOAT: Annotated[float, msgspec.Meta(ge=-_LARGEST_FLOAT, le=_LARGEST_FLOAT)],
    Scalar.DOUBLE: float,
    Scalar.STRING: str,
    Scalar.DATE: date,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What was taken in. events: good lines.  dead: bad ones.  first: place and reason of the first of these.

    position: bytes of the topic that were there when it began; what came later may or may not be in.
    """

    events: int
    dead: int
    position: int
    first: str = ""


def take_in(folder: Path, columns: Mapping[str, DataType], into: Path, letters: Path) -> Intake:
    """Copy the lines of every `*.jsonl` that fit the columns into `into/events/`, the others into a file of letters.

    A column that a line lacks is null there. Blank lines are nothing. Numbers keep every bit.
    Errors: CHR-R022 when a column has a type that JSON lines cannot carry.
    """
    decoder = msgspec.json.Decoder(_struct(columns))
    (into / "events").mkdir(parents=True)
    events = dead = 0
    files = topic_files(folder)
    position = sum(path.stat().st_size for path in files)
    with letters.open("wb") as bad_lines:
        for path in files:
            with path.open("rb") as lines, (into / "events" / path.name).open("wb") as kept:
                good, bad = _copy(lines, path.name, decoder, kept, bad_lines)
            events, dead = events + good, dead + bad
    return Intake(events=events, dead=dead, position=position, first=_first(letters) if dead else "")


def _first(letters: Path) -> str:
    with letters.open("rb") as lines:
        letter = msgspec.json.decode(lines.readline())
    return f"{letter['file']} line {letter['line']}: {letter['error']}"


def _struct(columns: Mapping[str, DataType]) -> type[msgspec.Struct]:
    fields = []
    for index, (name, kind) in enumerate(columns.items()):
        if kind not in _FIELDS:
            message = f"column {name} is a {kind}, which a line of JSON cannot carry"
            raise ChrononError("CHR-R022", message, "read numbers, texts, booleans and dates from a topic")
        fields.append((f"c{index}", _FIELDS[kind] | None, None))
    names = {f"c{index}": name for index, name in enumerate(columns)}
    return msgspec.defstruct("Event", fields, rename=names, omit_defaults=True, gc=False)


def _copy(
    lines: IO[bytes], name: str, decoder: msgspec.json.Decoder[Any], kept: IO[bytes], letters: IO[bytes]
) -> tuple[int, int]:
    good = bad = 0
    encoder = msgspec.json.Encoder()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as cause:
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
