"""The HTTP service: a raw ASGI application around a Fetcher. Routes, limits and error codes; no arithmetic.

A fetch is a few memory reads, so it runs inside the event loop; a store behind a network would get a thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from chronon.model.errors import ChrononError, InvariantError
from chronon.model.names import Kind
from chronon.serving.fetcher import Fetcher
from chronon.serving.replies import error_of, is_outage, plain_of, requests_of, results_of, schema_of

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

BODY_AT_MOST = 1 << 20
"""Bytes of a request's body."""

BODY_TIMEOUT_S = 10.0
"""How long a client may take to send a body."""

_JSON_TYPE = b"application/json"
_TEXT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

_KINDS = {"join": Kind.JOIN, "group_by": Kind.GROUP_BY, "groupby": Kind.GROUP_BY}
"""`groupby` is how the reference spells it."""

_HTTP_CODES = {
    "CHR-F001": 404,
    "CHR-F002": 400,
    "CHR-F010": 400,
    "CHR-F011": 400,
    "CHR-F012": 413,
    "CHR-F013": 413,
    "CHR-F014": 404,
    "CHR-F015": 405,
    "CHR-F016": 408,
    "CHR-I000": 500,
}
"""Every other code is about the store: 503, try another replica."""

Reply = tuple[int, bytes, bytes]
"""Code, type and body."""

_LOG = logging.getLogger("chronon.serving")


class Application:
    """ASGI. One fetcher, any number of requests."""

    def __init__(self, fetcher: Fetcher, *, body_timeout_s: float = BODY_TIMEOUT_S) -> None:
        self._fetcher = fetcher
        self._body_timeout_s = body_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        code, kind, body = await self._answer(scope, receive)
        self._fetcher.metrics.replied(code)
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        try:
            return await self._route(scope["method"], scope["path"], scope, receive)
        except ChrononError as error:
            return _HTTP_CODES.get(error.code, 503), _JSON_TYPE, error_of(error)
        except Exception:  # noqa: BLE001 - the request boundary: whatever breaks here must not take the server down
            _LOG.exception("path=%s", scope["path"])
            return 500, _JSON_TYPE, error_of(InvariantError("http", "the request broke the server's handler"))

    async def _route(self, method: str, path: str, scope: Scope, receive: Receive) -> Reply:
        match path.split("/")[1:], method:
            case ["v1", "features", ("join" | "group_by" | "groupby") as kind, name], "POST":
                return self._features(name, _KINDS[kind], await _body(scope, receive, self._body_timeout_s))
            case ["v1", "schema", ("join" | "group_by" | "groupby") as kind, name], "GET":
                return 200, _JSON_TYPE, schema_of(self._fetcher.schema(name, _KINDS[kind]))
            case ["v1", "schema", name], "GET":
                return 200, _JSON_TYPE, schema_of(self._fetcher.schema(name))
            case ["ping"], "GET":
                return 200, _TEXT_TYPE, b"pong"
            case ["healthz"], "GET":
                self._fetcher.check()
                return 200, _JSON_TYPE, plain_of({"status": "ok", "environment": self._fetcher.environment})
            case ["metrics"], "GET":
                return 200, _TEXT_TYPE, self._fetcher.metrics.text().encode()
            case ["v1", "features", "join" | "group_by" | "groupby", _] | ["ping" | "healthz" | "metrics"], _:
                raise ChrononError("CHR-F015", f"{method} {path} is not possible", _ROUTES)
        raise ChrononError("CHR-F014", f"there is nothing at {path}", _ROUTES)

    def _features(self, name: str, kind: Kind, body: bytes) -> Reply:
        requests = requests_of(body)
        parts = tuple(self._fetcher.parts(name, kind))
        vectors = self._fetcher.fetch(name, requests, kind)
        code = 503 if is_outage(vectors, parts) else 200
        return code, _JSON_TYPE, results_of(requests, vectors, parts)


_ROUTES = (
    "POST /v1/features/join/{name}, POST /v1/features/group_by/{name}, GET /v1/schema/{name}, "
    "GET /ping, GET /healthz, GET /metrics"
)


async def _body(scope: Scope, receive: Receive, timeout_s: float) -> bytes:
    """The whole body. Errors: CHR-F013 too long, CHR-F016 too slow or cut off."""
    announced = next((value for key, value in scope["headers"] if key == b"content-length"), b"0")
    if not announced.isdigit() or int(announced) > BODY_AT_MOST:
        raise _too_long()
    body = b""
    more = True
    try:
        async with asyncio.timeout(timeout_s):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ChrononError("CHR-F016", "the client left before its body was complete")
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > BODY_AT_MOST:
                    raise _too_long()
    except TimeoutError as late:
        raise ChrononError("CHR-F016", f"the body did not arrive within {timeout_s:g} s", "send it at once") from late
    return body


def _too_long() -> ChrononError:
    return ChrononError("CHR-F013", f"the body is longer than {BODY_AT_MOST} bytes", "send fewer requests in one body")
