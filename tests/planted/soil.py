"""Files as a tree of keys and values with the place of every character, read without any of our own code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

REPOSITORY = Path(__file__).parent / "repository"
Steps = tuple[str | int, ...]

FREE = {"tags", "columns", "select", "derivations", "targets"}
"""Fields whose mappings have names that their author chose; `keys` of a part has too."""


@dataclass(frozen=True)
class Field:
    """One entry of a mapping, or one item of a list.

    steps: the way to it.  key, value: index of the first character of each; key is None for an item.
    key_end, end: index behind the last character.  node: "map", "list" or "scalar".  text: of a scalar, as it is written.
    """

    file: str
    source: str
    steps: Steps
    key: int | None
    key_end: int | None
    value: int
    end: int
    node: str
    text: str

    @property
    def name(self) -> str:
        """The nearest name on the way."""
        return next(str(step) for step in reversed(self.steps) if isinstance(step, str))

    @property
    def is_free(self) -> bool:
        """Whether the name is one that the author chose."""
        above = [step for step in self.steps[:-1] if isinstance(step, str)]
        if not above or not isinstance(self.steps[-1], str):
            return False
        is_of_keys = above[-1] == "keys" and self.steps[0] == "parts"
        return is_of_keys or (above[-1] in FREE and above[-2:-1] != ["targets"])


def files() -> list[str]:
    """The documents of the repository, chronon.yaml left out."""
    return sorted(file.relative_to(REPOSITORY).as_posix() for file in REPOSITORY.glob("teams/**/*.yaml"))


def fields(file: str, source: str | None = None) -> list[Field]:
    """Every entry and item of a file, parents first."""
    text = (REPOSITORY / file).read_text() if source is None else source
    return list(_walk(file, text, YAML(typ="safe", pure=True).compose(text), ()))


def place(source: str, index: int) -> tuple[int, int]:
    """Line and column of a character, counted from 1."""
    return source.count("\n", 0, index) + 1, index - (source.rfind("\n", 0, index) + 1) + 1


def start_of(file: str, source: str, steps: Steps) -> int:
    """Index of the first character of the value at the end of a way."""
    return 0 if not steps else next(one.value for one in fields(file, source) if one.steps == steps)


def _walk(file: str, source: str, node: Any, steps: Steps) -> Iterator[Field]:
    kind = type(node).__name__
    if kind == "MappingNode":
        for key, value in node.value:
            way = (*steps, key.value)
            yield _field(file, source, way, value, key)
            yield from _walk(file, source, value, way)
    elif kind == "SequenceNode":
        for number, item in enumerate(node.value):
            way = (*steps, number)
            yield _field(file, source, way, item, None)
            yield from _walk(file, source, item, way)


def _field(file: str, source: str, steps: Steps, value: Any, key: Any) -> Field:
    start, end = value.start_mark.index, value.end_mark.index
    kinds = {"MappingNode": "map", "SequenceNode": "list", "ScalarNode": "scalar"}
    node = kinds[type(value).__name__]
    return Field(
        file=file,
        source=source,
        steps=steps,
        key=key.start_mark.index if key else None,
        key_end=key.end_mark.index if key else None,
        value=start,
        end=start + len(source[start:end].rstrip()),
        node=node,
        text=source[start:end].strip() if node == "scalar" else "",
    )
