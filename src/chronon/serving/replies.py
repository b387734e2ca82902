"""The wire form of requests and replies over HTTP: JSON in, JSON out, and errors with code, message and hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from chronon.model.errors import ChrononError
from chronon.model.time import parse_instant
from chronon.model.values import plain
from chronon.serving.contract import Request, ServedSchema, Status, Vector

ENTITIES_AT_MOST = 1_000
"""Requests in one body; more belong into several bodies, so that one caller cannot hold up the others."""

Key = Any
"""Whatever JSON can say: the types of the columns decide, which are known only once the object is."""


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """One request of a body. at: epoch milliseconds or ISO time; now when it is left out."""

    keys: dict[str, Key]
    at: int | str | None = None


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """The long form of a body; the short one is a list of key maps."""

    requests: list[Asked]


_BODY = msgspec.json.Decoder(Body | list[dict[str, Key]])
_JSON = msgspec.json.Encoder()


def requests_of(body: bytes) -> tuple[Request, ...]:
    """The requests of a body. Errors: CHR-F011 not of that form; CHR-F012 too many."""
    try:
        decoded = _BODY.decode(body)
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise ChrononError(
            "CHR-F011",
            f"the body is not what is expected: {wrong}",
            'send a list of key maps, or {"requests": [{"keys": {…}, "at": …}]}',
        ) from wrong
    asked = decoded.requests if isinstance(decoded, Body) else decoded
    if len(asked) > ENTITIES_AT_MOST:
        raise ChrononError(
            "CHR-F012", f"{len(asked)} requests in one body, {ENTITIES_AT_MOST} are possible", "send several bodies"
        )
    return tuple(_request(one) if isinstance(one, Asked) else Request(keys=one) for one in asked)


def _request(asked: Asked) -> Request:
    at = parse_instant(asked.at) if isinstance(asked.at, str) else asked.at
    if at is None and asked.at is not None:
        raise ChrononError("CHR-F010", f"{asked.at!r} is no moment", "give epoch milliseconds or an ISO time")
    return Request(keys=asked.keys, at=at)  # type: ignore[arg-type]


def results_of(requests: Sequence[Request], vectors: Sequence[Vector], parts: Sequence[str]) -> bytes:
    """The reply to some requests, in their order. Dates and the like have the forms of `model.values`. NaN and infinities become null: JSON has no word for them.

    parts: labels; a result is a Failure when none of them could be answered.
    """
    results = [
        {
            "status": "Failure" if is_failure(vector, parts) else "Success",
            "entityKeys": request.keys,
            "features": {name: plain(value) for name, value in vector.values.items()},
            "statuses": vector.statuses,
            "details": vector.details,
        }
        for request, vector in zip(requests, vectors, strict=True)
    ]
    return _JSON.encode({"results": results})


def is_failure(vector: Vector, parts: Sequence[str]) -> bool:
    """Whether nothing of a vector could be found out."""
    statuses = vector.statuses
    return bool(parts) and all(part in statuses and statuses[part].is_unknown for part in parts)


def is_outage(vectors: Sequence[Vector], parts: Sequence[str]) -> bool:
    """Whether the store gave nothing at all, so that asking another replica is the right thing to do."""
    return bool(vectors) and all(
        bool(parts) and all(vector.statuses.get(part) is Status.READ_FAILED for part in parts) for vector in vectors
    )


def schema_of(schema: ServedSchema) -> bytes:
    """Names and types of an object."""
    plain: dict[str, Any] = {
        "kind": str(schema.id.kind),
        "name": str(schema.id.name),
        "version": schema.id.version,
        "parts": schema.parts,
    }
    for field in ("keys", "inputs", "outputs"):
        plain[field] = [{"name": column.name, "type": str(column.type)} for column in getattr(schema, field)]
    return _JSON.encode(plain)


def error_of(error: ChrononError) -> bytes:
    """An error as JSON."""
    return _JSON.encode({"error": {"code": error.code, "message": error.message, "hint": error.hint}})


def plain_of(value: object) -> bytes:
    """Any value of ours as JSON."""
    return _JSON.encode(plain(value))
