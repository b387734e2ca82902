"""The ASGI application by itself: what a well-behaved server and client never show."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from serving_world import ENVIRONMENT, PLANE, World, day

from chronon.model.errors import ChrononError
from chronon.model.time import Day, day_start
from chronon.serving import Fetcher
from chronon.serving.http import Application
from chronon.stores.kv import KvStore, open_kv

BATCH_DAY = day("2013-02-26")
B = day_start(Day(BATCH_DAY + 1))
BODY = json.dumps({"requests": [{"keys": {"tailnum": "N1"}, "at": B}]}).encode()
FEATURES = "/v1/features/group_by/airlines.plane"


class Failing:
    """A store that can be told to raise instead of reading."""

    def __init__(self, inner: KvStore) -> None:
        self.inner = inner
        self.error: Exception | None = None

    def multi_get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        if self.error:
            raise self.error
        return self.inner.multi_get(keys)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Failing]:
    kv = open_kv(f"lmdb:{tmp_path / 'kv'}")
    world = World(kv)
    world.declare(PLANE)
    world.upload(PLANE, [{"tailnum": "N1", "seats": 150, "engine": "Turbo-fan", "ts": B - 1}], BATCH_DAY)
    yield Failing(kv)
    kv.close()


def called(application: Application, path: str, messages: Sequence[dict[str, Any]] | None = None) -> tuple[int, Any]:
    """Code and JSON of one request. messages: what the client sends; afterwards it is silent for ever."""
    sent: list[dict[str, Any]] = []
    waiting = list(messages if messages is not None else [{"type": "http.request", "body": BODY}])

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET" if path == "/healthz" else "POST", "path": path, "headers": []}
    asyncio.run(application(scope, receive, send))
    start, body = sent
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    return start["status"], json.loads(body["body"])


def test_body_when_it_comes_in_pieces_then_it_is_put_together(store: Failing) -> None:
    pieces = [{"type": "http.request", "body": BODY[i : i + 7], "more_body": True} for i in range(0, len(BODY), 7)]

    code, reply = called(Application(Fetcher(store, ENVIRONMENT)), FEATURES, [*pieces, {"type": "http.request"}])

    assert code == 200
    assert reply["results"][0]["features"]["seats"] == 150


def test_body_when_it_never_ends_then_408(store: Failing) -> None:
    application = Application(Fetcher(store, ENVIRONMENT), body_timeout_s=0.01)

    code, reply = called(application, FEATURES, [{"type": "http.request", "body": b"[", "more_body": True}])

    assert (code, reply["error"]["code"]) == (408, "CHR-F016")


def test_body_when_the_client_leaves_then_408(store: Failing) -> None:
    application = Application(Fetcher(store, ENVIRONMENT))

    code, _reply = called(
        application, FEATURES, [{"type": "http.request", "body": b"[", "more_body": True}, {"type": "http.disconnect"}]
    )

    assert code == 408


@pytest.mark.parametrize("path", [FEATURES, "/healthz"])
def test_store_when_not_even_metadata_can_be_read_then_503(store: Failing, path: str) -> None:
    store.error = ChrononError("CHR-K009", "the disk is gone", "buy another")

    code, reply = called(Application(Fetcher(store, ENVIRONMENT)), path)

    assert code == 503
    assert reply["error"] == {"code": "CHR-K009", "message": "the disk is gone", "hint": "buy another"}


def test_store_when_values_can_no_longer_be_read_then_503_with_statuses(store: Failing) -> None:
    application = Application(Fetcher(store, ENVIRONMENT))
    before, _reply = called(application, FEATURES)
    store.error = ChrononError("CHR-K009", "the disk is gone")

    code, reply = called(application, FEATURES)

    assert (before, code) == (200, 503)
    assert reply["results"][0]["status"] == "Failure"
    assert reply["results"][0]["statuses"] == {"airlines_plane": "read_failed"}


def test_handler_when_it_breaks_then_500_without_its_trace(store: Failing, caplog: pytest.LogCaptureFixture) -> None:
    store.error = ZeroDivisionError("secret detail")
    application = Application(Fetcher(store, ENVIRONMENT))

    with caplog.at_level(logging.ERROR):
        code, reply = called(application, FEATURES)

    assert code == 500
    assert "secret" not in json.dumps(reply)
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(("length", "code"), [(b"x", 413), (b"-1", 413), (b"99999999999", 413)])
def test_body_when_its_announced_length_is_impossible_then_it_is_not_read(
    store: Failing, length: bytes, code: int
) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        raise AssertionError("read")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    call: Callable[..., Any] = Application(Fetcher(store, ENVIRONMENT))
    headers = [(b"content-length", length)]
    asyncio.run(call({"type": "http", "method": "POST", "path": FEATURES, "headers": headers}, receive, send))

    assert sent[0]["status"] == code
