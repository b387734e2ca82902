"""`chronon fetch` on a store that a target of chronon.yaml points to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from serving_world import CARRIER, DEPARTURE, PLANE, ROUTE, World, day

from chronon.cli.app import run
from chronon.cli.commands import fetch as command
from chronon.cli.terminal import PLAIN
from chronon.cli.views.vector import comparison_lines, vector_lines
from chronon.model.definitions import Column
from chronon.model.errors import ChrononError
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.time import HOUR, Day, Millis, day_start
from chronon.model.types import Scalar
from chronon.serving.contract import Request, ServedSchema, Status, Vector
from chronon.stores.kv import open_kv

BATCH_DAY = day("2013-02-26")
B = day_start(Day(BATCH_DAY + 1))
KEYS = "carrier=UA,tailnum=N1,origin=EWR,dest=IAH,distance=1400"
SCHEMA = ServedSchema(
    id=ObjectId(Kind.JOIN, ObjectName("delays", "departure")),
    keys=(Column(name="carrier", type=Scalar.STRING),),
    inputs=(Column(name="distance", type=Scalar.LONG),),
    outputs=(
        Column(name="carrier", type=Scalar.STRING),
        Column(name="distance", type=Scalar.LONG),
        Column(name="c_sum", type=Scalar.DOUBLE),
        Column(name="ratio", type=Scalar.DOUBLE),
    ),
    parts={"c": ("c_sum",)},
)
AT = Millis(1000)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    (root / "chronon.yaml").write_text(
        "teams: teams\ntables: tables\nstreams: streams\ntarget: local\ntargets:\n  local: {engine: local, home: home}\n"
    )
    for folder in ("teams", "tables", "streams"):
        (root / folder).mkdir()
    kv = open_kv(f"lmdb:{root / 'home' / 'kv'}")
    world = World(kv)
    world.declare(CARRIER, ROUTE, PLANE)
    world.publish_join(DEPARTURE)
    events = [{"carrier": "UA", "origin": "EWR", "dest": "IAH", "delay": 1.5, "ts": B - HOUR * n} for n in range(1, 5)]
    for each in (CARRIER, ROUTE):
        world.upload(each, events, BATCH_DAY)
    world.upload(PLANE, [{"tailnum": "N1", "seats": 150, "engine": "Turbo-fan", "ts": B - 1}], BATCH_DAY)
    kv.close()
    return root


def fetched(repository: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["fetch", *arguments, "--repo", str(repository)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_fetch_when_everything_is_there_then_a_line_per_value(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _err = fetched(repository, capsys, "delays.departure", "--keys", KEYS, "--at", "2013-02-27T00:00:00Z")

    lines = [line.split() for line in out.splitlines()]
    assert code == 0
    assert ["airlines_carrier_delay_count_3h", "3"] in lines
    assert ["airlines_carrier_delay_last3_7d", "[1.5,", "1.5,", "1.5]"] in lines
    assert ["airlines_plane_engine", "Turbo-fan"] in lines
    assert ["is_busy", "true"] in lines
    assert ["error", "null", "missing_key"] in lines
    assert "error: missing_key, the request lacks `arrival_delay`" in out


def test_fetch_when_json_is_asked_then_the_reply_of_the_service(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = json.dumps({"carrier": "UA", "origin": None, "dest": "IAH", "tailnum": "N0"})
    code, out, _err = fetched(repository, capsys, "delays.departure", "--keys", keys, "--at", str(B), "--json")

    (result,) = json.loads(out)["results"]
    assert code == 0
    assert result["at"] == B
    assert result["features"]["airlines_carrier_delay_count_3h"] == 3
    assert result["statuses"]["airports_route"] == "null_key"
    assert result["statuses"]["airlines_plane"] == "no_entity"


def test_fetch_when_keys_are_in_a_file_then_a_result_a_line(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [{"carrier": "UA"}, {"keys": {"carrier": "UA"}, "at": "2013-02-27T01:00:00Z"}]
    (tmp_path / "keys.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n")

    code, out, _err = fetched(
        repository, capsys, "airlines.carrier", "--keys", f"@{tmp_path / 'keys.jsonl'}", "--at", str(B), "--json"
    )

    assert code == 0
    assert [result["at"] for result in json.loads(out)["results"]] == [B, B + HOUR]
    assert [result["features"]["delay_count_3h"] for result in json.loads(out)["results"]] == [3, 2]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["delays.departure", "--keys", "carrier"], "CHR-F030"),
        (["delays.departure", "--keys", "{"], "CHR-F030"),
        (["delays.departure", "--keys", "carrierx=UA"], "CHR-F031"),
        (["delays.departure", "--keys", "distance=far"], "CHR-F030"),
        (["delays.departure", "--keys", "carrier=UA", "--at", "noon"], "CHR-F010"),
        (["delays.depature", "--keys", "carrier=UA"], "CHR-F001"),
        (["airlines.carrier", "--keys", "carrier=UA", "--compare"], "CHR-F033"),
        (["airlines.carrier", "--keys", "@nowhere.jsonl"], "nowhere.jsonl"),
        (["airlines.carrier", "--keys", "carrier=UA", "--target", "moon"], "CHR-S031"),
    ],
)
def test_fetch_when_it_is_asked_wrongly_then_one_line_and_a_hint(
    repository: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    exit_code, out, err = fetched(repository, capsys, *arguments)

    assert exit_code == 1
    assert out == ""
    assert code in err
    assert "hint:" in err
    assert "Traceback" not in err


def training(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows))


ROW = {"ts": 1000, "carrier": "UA", "distance": 7, "c_sum": 0.1, "ratio": None, "label": 3}


def test_compare_when_the_row_is_there_then_features_side_by_side() -> None:
    vector = Vector(values={"carrier": "UA", "distance": 7, "c_sum": 0.1, "ratio": 2.0})
    others = ({**ROW, "ts": 999, "c_sum": 9.0}, {**ROW, "carrier": "AA", "c_sum": 8.0}, {**ROW, "distance": 8})

    ((total, ratio),) = command._compare(training(*others, ROW), SCHEMA, [Request(keys={}, at=AT)], [vector])

    assert (total.column, total.served, total.trained, total.is_equal) == ("c_sum", 0.1, 0.1, True)
    assert (ratio.column, ratio.served, ratio.trained, ratio.is_equal) == ("ratio", 2.0, None, False)
    shown = comparison_lines(vector, SCHEMA, (total, ratio), PLAIN)
    assert shown[-1] == "1 of 2 equal"
    assert "=" in shown[1]
    assert "≠" in shown[2]


def test_compare_when_no_row_has_the_keys_then_an_error_that_names_them() -> None:
    vector = Vector(values={"carrier": "ZZ", "c_sum": 0.1, "ratio": 2.0})

    with pytest.raises(ChrononError) as failed:
        command._compare(training(ROW), SCHEMA, [Request(keys={}, at=AT)], [vector])

    assert failed.value.code == "CHR-F032"
    assert "carrier=ZZ" in failed.value.message


def test_lines_when_a_value_drives_terminals_or_is_long_then_it_is_tamed() -> None:
    vector = Vector(values={"c_sum": "\x1b[31mred", "ratio": "x" * 500}, statuses={"c": Status.STALE})

    first, second, remark = vector_lines(vector, SCHEMA, PLAIN)

    assert "\x1b" not in first
    assert first.endswith("stale")
    assert len(second) < 80
    assert remark.strip() == "c: stale"
