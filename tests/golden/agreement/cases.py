"""Golden cases: inputs, definitions and what Chronon's jobs returned for them, as folders.

Two forms of a folder are read: the one that Chronon's side writes, and a compact one of the same shape, whose rows are
gzipped and which lacks what nothing here compares: `python -m agreement.cases FROM TO` makes the second from the first.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Definition = Mapping[str, Any]

COMPARED_NOWHERE = {"definitions", "produced_by"}
"""Fields of case.json that the compact form lacks: thrift JSON, of which `neutral` says the same."""

KEPT_OF_UPLOADS = ("key", "value", "batch_ir")


class NotOfferedError(Exception):
    """A definition that has no place in our YAML. what: the line of docs/parity.md that says so."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInput:
    """A source table of a case. schema: its columns as Spark writes them; partition: the column of the day."""

    name: str
    file: Path
    schema: str
    partition: str

    def rows(self) -> list[Row]:
        """The rows in the order of the file, with the partition as a column."""
        return read_rows(self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One golden case. neutral: its definitions by short name; steps: what was run, in order."""

    name: str
    folder: Path
    tables: Mapping[str, TableInput]
    neutral: Mapping[str, Definition]
    steps: tuple[Definition, ...]

    def expected(self, step: str) -> list[Row]:
        """What Chronon returned for a step: rows, or one row `__error__`."""
        return read_rows(self.folder / "expected" / f"{step}.jsonl")

    def group_by(self, name: str) -> Definition:
        """The group_by with that full name, or with that short one."""
        found = [one for short, one in self.neutral.items() if name in (one.get("name"), short)]
        return found[0]


def load_cases(folder: Path) -> list[Case]:
    """Every case of a folder, by name."""
    return [load_case(path.parent) for path in sorted(folder.glob("*/case.json"))]


def load_case(folder: Path) -> Case:
    """The case in a folder."""
    data = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    tables = {
        name: TableInput(name=name, file=folder / one["file"], schema=one["schema"], partition=one["partition"])
        for name, one in data["tables"].items()
    }
    neutral = data["neutral"] | dict(_nested(data["neutral"]))
    return Case(name=data["name"], folder=folder, tables=tables, neutral=neutral, steps=tuple(data["steps"]))


def read_rows(file: Path) -> list[Row]:
    """The JSON lines of a file, or of the gzipped file beside it."""
    packed = file.with_name(file.name + ".gz")
    text = gzip.decompress(packed.read_bytes()).decode() if packed.exists() else file.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line]


def _nested(node: Any) -> Iterator[tuple[str, Definition]]:
    """Definitions that stand only inside others: group_bys of parts, parents of chains."""
    if isinstance(node, dict):
        for key in ("definition", "join"):
            if isinstance(inner := node.get(key), dict):
                yield inner["name"], inner
        for value in node.values():
            yield from _nested(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nested(value)


def compact(source: Path, target: Path) -> None:
    """Write the compact form of every case of a folder."""
    for file in sorted(source.glob("*/case.json")):
        data = json.loads(file.read_text(encoding="utf-8"))
        folder = target / file.parent.name
        folder.mkdir(parents=True)
        kept = {key: value for key, value in data.items() if key not in COMPARED_NOWHERE}
        (folder / "case.json").write_text(json.dumps(kept) + "\n", encoding="utf-8")
        for table in data["tables"].values():
            _pack(read_rows(file.parent / table["file"]), folder / table["file"])
        for step in data["steps"]:
            rows = read_rows(file.parent / "expected" / f"{step['name']}.jsonl")
            if step["kind"] == "upload":
                rows = [{key: row[key] for key in row if key in KEPT_OF_UPLOADS} for row in rows]
            _pack(rows, folder / "expected" / f"{step['name']}.jsonl")


def _pack(rows: list[Row], file: Path) -> None:
    """Equal rows give equal bytes: no time stands in the header."""
    file.parent.mkdir(exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    file.with_name(file.name + ".gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    compact(Path(sys.argv[1]), Path(sys.argv[2]))
