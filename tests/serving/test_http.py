"""The HTTP service as a process of its own on a free loopback port."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from serving_world import CARRIER, PLANE, World, day, join

from chronon.model.time import HOUR, Day, day_start
from chronon.serving.http import BODY_AT_MOST
from chronon.stores.kv import open_kv

BATCH_DAY = day("2013-02-26")
B = day_start(Day(BATCH_DAY + 1))
ASKED = [{"carrier": "UA", "tailnum": "N1"}]
START = "import sys; from chronon.serving import serve; serve(sys.argv[1], port=0, workers=int(sys.argv[2]))"


@dataclass(slots=True)
class Served:
    """A running service."""

    process: subprocess.Popen[str]
    port: int
    line: str

    def call(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body)
            reply = connection.getresponse()
            content = reply.read()
            is_json = reply.getheader("content-type") == "application/json"
            return reply.status, json.loads(content) if is_json else content.decode()
        finally:
            connection.close()

    def post(self, name: str, body: object) -> tuple[int, Any]:
        return self.call("POST", f"/v1/features/{name}", json.dumps(body).encode())

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(15)


def start(address: str, workers: int = 1) -> Served:
    process = subprocess.Popen(
        [sys.executable, "-c", START, address, str(workers)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
    assert found, line
    return Served(process, int(found[1]), line)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    address = f"lmdb:{tmp_path_factory.mktemp('http') / 'kv'}"
    kv = open_kv(address)
    world = World(kv)
    world.declare(CARRIER, PLANE)
    world.publish_join(join([(CARRIER, {"carrier": "carrier"}), (PLANE, {"tailnum": "tailnum"})], []))
    events = [{"carrier": "UA", "delay": float(n), "ts": B - HOUR * n} for n in range(1, 40)]
    world.upload(CARRIER, [*events, {"carrier": "NAN", "delay": float("nan"), "ts": B - 1}], BATCH_DAY)
    world.upload(PLANE, [{"tailnum": "N1", "seats": 150, "engine": "Türbo", "ts": B - 1}], BATCH_DAY)
    kv.close()
    return address


@pytest.fixture(scope="module")
def served(address: str) -> Iterator[Served]:
    running = start(address)
    yield running
    running.process.kill()
    running.process.wait()
    assert running.process.stdout is not None
    running.process.stdout.close()


def test_features_when_asked_as_the_reference_does_then_results_in_its_form(served: Served) -> None:
    code, reply = served.post("join/delays.departure", ASKED)

    assert code == 200
    (result,) = reply["results"]
    assert result["status"] == "Success"
    assert result["entityKeys"] == ASKED[0]
    assert result["features"]["airlines_plane_engine"] == "Türbo"
    assert result["features"]["airlines_carrier_delay_last"] == 1.0


def test_features_when_asked_for_a_moment_then_values_of_that_moment(served: Served) -> None:
    body = {"requests": [{"keys": ASKED[0], "at": B}, {"keys": ASKED[0], "at": "2013-02-26T23:00:00Z"}]}

    code, reply = served.post("join/delays.departure", body)

    assert code == 200
    assert reply["results"][0]["features"]["airlines_carrier_delay_count_3h"] == 3
    assert reply["results"][0]["statuses"] == {}
    assert reply["results"][1]["status"] == "Failure"
    assert set(reply["results"][1]["statuses"].values()) == {"before_batch"}


@pytest.mark.parametrize("kind", ["group_by", "groupby"])
def test_features_when_asked_of_a_group_by_then_its_own_names(served: Served, kind: str) -> None:
    body = {"requests": [{"keys": {"tailnum": "N1"}, "at": B}]}

    assert served.post(f"{kind}/airlines.plane", body)[1]["results"][0]["features"] == {"seats": 150, "engine": "Türbo"}


def test_features_when_nothing_is_asked_then_nothing(served: Served) -> None:
    assert served.post("join/delays.departure", []) == (200, {"results": []})


def test_features_when_values_are_not_finite_then_the_reply_is_still_json(served: Served) -> None:
    code, reply = served.post("group_by/airlines.carrier", {"requests": [{"keys": {"carrier": "NAN"}, "at": B}]})

    assert code == 200
    assert reply["results"][0]["features"]["delay_sum_7d"] is None


@pytest.mark.parametrize(
    ("path", "body", "code", "error"),
    [
        ("join/delays.departure", b"{", 400, "CHR-F011"),
        ("join/delays.departure", b'[["UA"]]', 400, "CHR-F011"),
        ("join/delays.departure", b"[" * 50_000, 400, "CHR-F011"),
        ("join/delays.departure", b'{"requests": [{"keys": {}, "at": "soon"}]}', 400, "CHR-F010"),
        ("join/delays.departure", b'{"requests": [{"keys": {}, "at": -5}]}', 400, "CHR-F010"),
        ("join/delays.departure", b"[" + b"{}," * 1000 + b"{}]", 413, "CHR-F012"),
        ("join/delays.departure", b" " * (BODY_AT_MOST + 1), 413, "CHR-F013"),
        ("join/delays.nothing", b"[]", 404, "CHR-F001"),
        ("join/airlines.plane", b"[]", 404, "CHR-F001"),
        ("join/..%2f..%2fetc", b"[]", 404, "CHR-F014"),
        ("staging/delays.departure", b"[]", 404, "CHR-F014"),
    ],
)
def test_features_when_the_request_is_wrong_then_code_message_and_hint(
    served: Served, path: str, body: bytes, code: int, error: str
) -> None:
    found, reply = served.call("POST", f"/v1/features/{path}", body)

    assert (found, reply["error"]["code"]) == (code, error)
    assert reply["error"]["message"]
    assert reply["error"]["hint"]


def test_features_when_body_is_chunked_beyond_the_cap_then_refused(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    chunks = (b" " * 65536 for _ in range(BODY_AT_MOST // 65536 + 2))
    connection.request("POST", "/v1/features/join/delays.departure", chunks, encode_chunked=True)

    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_features_when_method_is_another_then_405(served: Served, method: str) -> None:
    code, reply = served.call(method, "/v1/features/join/delays.departure")

    assert (code, reply["error"]["code"]) == (405, "CHR-F015")


def test_server_when_it_gets_no_http_at_all_then_it_goes_on(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
        raw.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        assert b"400" in raw.recv(4096)

    assert served.call("GET", "/ping") == (200, "pong")


def test_health_when_store_is_there_then_ok(served: Served) -> None:
    assert served.call("GET", "/healthz") == (200, {"status": "ok", "environment": "prod"})


def test_schema_when_asked_then_names_and_types(served: Served) -> None:
    code, schema = served.call("GET", "/v1/schema/airlines.plane")

    assert code == 200
    assert schema == {
        "kind": "group_by",
        "name": "airlines.plane",
        "version": 1,
        "keys": [{"name": "tailnum", "type": "string"}],
        "inputs": [],
        "outputs": [{"name": "engine", "type": "string"}, {"name": "seats", "type": "long"}],
        "parts": {"airlines_plane": ["seats", "engine"]},
    }
    assert served.call("GET", "/v1/schema/join/delays.departure")[1]["kind"] == "join"
    assert served.call("GET", "/v1/schema/nobody.knows")[0] == 404


def test_metrics_when_asked_then_every_sample_has_a_number(served: Served) -> None:
    served.post("group_by/airlines.plane", [{"tailnum": "N0"}])

    code, text = served.call("GET", "/metrics")

    assert code == 200
    assert 'chronon_serving_statuses_total{object="airlines.plane",status="no_entity"}' in text
    assert all(re.fullmatch(r"[a-z_]+(\{[^}]+\})? [0-9.e+-]+", line) for line in text.splitlines() if line[0] != "#")


def test_connection_when_kept_alive_then_many_requests(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    for _ in range(50):
        connection.request("POST", "/v1/features/join/delays.departure", json.dumps(ASKED))
        assert json.loads(connection.getresponse().read())["results"][0]["status"] == "Success"
    connection.close()


@pytest.mark.engine
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_server_when_told_to_stop_then_it_ends_without_failure(address: str, number: int) -> None:
    running = start(address)

    assert running.call("GET", "/ping")[0] == 200
    assert running.stop(number) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()


@pytest.mark.engine
def test_server_when_it_has_workers_then_each_answers_and_all_stop(address: str) -> None:
    running = start(address, workers=2)

    assert "2 workers" in running.line
    assert [running.post("join/delays.departure", ASKED)[0] for _ in range(20)] == [200] * 20
    assert running.stop(signal.SIGTERM) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", running.port), timeout=5)
    assert running.process.stdout is not None
    running.process.stdout.close()


def test_server_when_port_is_taken_then_error_with_a_hint(address: str) -> None:
    from chronon.model.errors import ChrononError
    from chronon.serving import serve

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ChrononError) as failed:
        serve(address, port=taken.getsockname()[1])

    assert failed.value.code == "CHR-F020"


def test_server_when_there_is_no_store_then_error_with_a_hint(tmp_path: Path) -> None:
    from chronon.model.errors import ChrononError
    from chronon.serving import serve

    with pytest.raises(ChrononError) as failed:
        serve(f"lmdb:{tmp_path / 'none'}", port=0)

    assert failed.value.code == "CHR-K004"
