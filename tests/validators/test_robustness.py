"""Random damage to a valid repository: findings, never an exception, and a catalog whenever there is no error."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import Documents, documents, write

from chronon.model.definitions import Catalog
from chronon.model.diagnostics import Severity, Span
from chronon.schemas.wire import to_json
from chronon.validators import validate

STRANGE: list[Any] = [
    None, True, 0, 7, -1.5, "", "ts", "*", "carrier", "departure", "outlook", "flights.carrier@2", "delay",
    "delay +", "1 / 0", "sum", "last_k", "last_k(0)", "count(3)", "7m", "2d", "unbounded", "2013-02-30", "snapshot",
    "temporal", "list<string>", "map<string,long>", "double", [], {}, ["origin"], ["carrier", "tailnum"], {"*": "*"},
    {"x": "origin"}, {"a": {"b": ["c"]}}, [{"join": "morning"}], [{"source": "planes"}], "planes", "departures",
]  # fmt: skip
"""Values that are right somewhere and wrong elsewhere."""


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a document, below its root."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, child in inner for found in [(*path, key), *places(child, (*path, key))]]


def damage(written: Documents, random: Random) -> None:
    """One value replaced by a strange one, moved from elsewhere, renamed or removed."""
    document = written[random.choice(sorted(written))]
    path = random.choice(places(document) or [("x",)])
    parent: Any = document
    for step in path[:-1]:
        parent = parent[step]
    match random.randrange(4):
        case 0 if isinstance(parent, list) or path[-1] in parent:
            del parent[path[-1]]
        case 1 if isinstance(parent, dict):
            parent[str(random.choice(STRANGE))] = parent.get(path[-1])
        case _:
            if isinstance(parent, dict) or path[-1] < len(parent):
                parent[path[-1]] = random.choice(STRANGE)


def is_inside(span: Span, folder: Path) -> bool:
    """Whether the place exists in the file that it names, or the file is said to be missing."""
    file = folder / span.path
    lines = file.read_text().split("\n") if file.exists() else [""]
    return span.line <= len(lines) and span.column <= len(lines[span.line - 1]) + 1


@settings(max_examples=30)
@given(seed=st.integers(min_value=0, max_value=2**32), times=st.integers(min_value=1, max_value=6))
def test_validate_when_a_repository_is_damaged_then_tells_or_resolves(seed: int, times: int) -> None:
    random = Random(seed)
    written = documents()
    for _ in range(times):
        damage(written, random)

    with TemporaryDirectory() as name:
        folder = write(Path(name), written)
        _repository, catalog, found = validate(folder)

        assert all(is_inside(one.span, folder) for one in found), found
    assert (catalog is None) == any(one.severity is Severity.ERROR for one in found), found
    assert catalog is None or to_json(catalog, Catalog)
