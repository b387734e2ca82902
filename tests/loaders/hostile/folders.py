"""The smallest repository in which a hostile file can lie."""

from __future__ import annotations

from pathlib import Path

GOOD = "source: y\nevents:\n  table: a.b\n  time: a\n  columns: {a: long}\n"
READER = "group_by: reader\nsource: y\nkeys: a\naggregations:\n  - {input: a, operations: count}\n"


def a_repository(folder: Path) -> Path:
    """A repository without findings: a team, one source `y` and its reader."""
    sources = folder / "teams" / "flights" / "sources"
    sources.mkdir(parents=True)
    (folder / "chronon.yaml").write_text("targets: {local: {engine: local, home: .chronon/local}}\n")
    (folder / "teams" / "flights" / "team.yaml").write_text("team: flights\n")
    (sources / "y.yaml").write_text(GOOD)
    (folder / "teams" / "flights" / "group_bys").mkdir()
    (folder / "teams" / "flights" / "group_bys" / "reader.yaml").write_text(READER)
    return folder
