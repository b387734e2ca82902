"""A former name leads to the same column everywhere: nothing behind the checks knows that it was read under it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from repositories import Documents, documents, write

from chronon.model.definitions import Catalog
from chronon.model.diagnostics import Severity
from chronon.planners import snapshots_of
from chronon.validators import validate

OLD, NEW = "flights_carrier_delay_average_3h", "flights_carrier_arr_delay_average_3h"


def renamed(*, reads: str, alias: str | None = "delay") -> Documents:
    """The carrier's `delay` under another name, and a derivation and a chained group_by that read its average."""
    written = documents()
    carrier = next(fields for path, fields in written.items() if path.endswith("group_bys/carrier.yaml"))
    query = carrier["sources"][0] if "sources" in carrier else carrier
    query["select"] = {**query.get("select", {}), "arr_delay": "delay"}
    for aggregation in carrier["aggregations"]:
        if aggregation["input"] == "delay":
            aggregation["input"] = "arr_delay"
            if alias:
                aggregation["alias"] = alias
    join = next(fields for path, fields in written.items() if path.endswith("joins/departure.yaml"))
    derivations = {"mean_delay": "{delay}_average_7d", "late_rate": "{delay}_count_3h / NULLIF({delay}_count_7d, 0)"}
    named = reads.removesuffix("_average_3h")
    join["derivations"] = {name: sql.replace("{delay}", named) for name, sql in derivations.items()}
    join["derivations"] |= {"*": "*", "half": f"{reads} / 2"}
    written["teams/flights/group_bys/behind.yaml"] = {
        "group_by": "behind",
        "sources": [
            {"join": "departure", "start": "2013-03-01", "select": {"twice": f"{reads} * 2"}, "where": [f"{reads} > 1"]}
        ],
        "keys": ["carrier"],
        "accuracy": "snapshot",
        "aggregations": [
            {"input": "twice", "operations": "sum", "windows": "2d"},
            {"input": reads, "operations": "max", "windows": "2d", "name": "worst"},
        ],
    }
    return written


def resolved(folder: Path, written: Documents) -> tuple[Any, Catalog, list[str]]:
    repository, catalog, found = validate(write(folder, written))
    assert catalog is not None, found
    assert {one.severity for one in found} <= {Severity.WARNING}
    return repository, catalog, [one.code for one in found]


def test_reader_of_a_former_name_when_resolved_then_has_the_digests_of_one_of_the_present_name(tmp_path: Path) -> None:
    repository, catalog, warned = resolved(tmp_path / "old", renamed(reads=OLD))
    same, now, told = resolved(tmp_path / "new", renamed(reads=NEW))

    assert (set(warned), told) == ({"CHR-V142"}, [])
    old = {snapshot.id: snapshot for snapshot in snapshots_of(catalog, repository)}
    new = {snapshot.id: snapshot for snapshot in snapshots_of(now, same)}
    behind = next(identity for identity in old if identity.name.name == "behind")
    assert old[behind].columns["twice_sum_2d"] == new[behind].columns["twice_sum_2d"]
    assert old[behind].columns["worst_max_2d"] == new[behind].columns["worst_max_2d"]
    join = next(identity for identity in old if str(identity) == "flights.departure" and identity.kind == "join")
    assert old[join].columns == new[join].columns
    assert old[join].columns[OLD] == old[join].columns[NEW]


def test_rename_with_an_alias_then_moves_no_digest_of_data_serving_or_stream(tmp_path: Path) -> None:
    before = documents()
    repository, catalog, _ = resolved(tmp_path / "before", before)
    written = renamed(reads=NEW)
    now_repository, now, _ = resolved(tmp_path / "after", written)

    old = {str(s.id): s for s in snapshots_of(catalog, repository) if s.id.kind == "group_by"}["flights.carrier"]
    new = {str(s.id): s for s in snapshots_of(now, now_repository) if s.id.kind == "group_by"}["flights.carrier"]

    assert (new.serving, new.stream) == (old.serving, old.stream)
    assert {name: new.columns[name] for name in old.columns} == old.columns


@pytest.mark.parametrize("reads", [OLD])
def test_former_name_without_alias_then_is_no_column(tmp_path: Path, reads: str) -> None:
    found = validate(write(tmp_path, renamed(reads=reads, alias=None)))[2]

    assert {one.code for one in found} == {"CHR-V005", "CHR-V008"}
