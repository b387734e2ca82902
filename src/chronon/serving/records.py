"""The serving metadata in the KV store: under which key an object's record stands and how it reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

from chronon.model.errors import ChrononError
from chronon.model.names import ObjectId, ObjectName
from chronon.model.serving import FORMAT_VERSION, ServedGroupBy, ServedJoin
from chronon.schemas.wire import from_json, to_json
from chronon.stores.kv.contract import KvStore
from chronon.stores.kv.layout import metadata_key, metadata_prefix

Record = ServedGroupBy | ServedJoin

_LISTED = 2_000
"""How many records a listing looks at: it serves error messages and must not become a way to make us read a store."""


def record_key(environment: str, identity: ObjectId) -> bytes:
    """Where the record of an object stands."""
    return metadata_key(environment, str(identity))


def encode_record(record: Record) -> bytes:
    """The record as it is stored; equal records are equal bytes."""
    return to_json(record).encode()


def decode_record(stored: bytes) -> Record:
    """The record that `encode_record` wrote. Errors: CHR-F003 another format; CHR-S900 damaged."""
    version, is_join = _header(stored)
    if version != FORMAT_VERSION:
        raise ChrononError(
            "CHR-F003",
            f"serving metadata has format {version}, this fetcher reads {FORMAT_VERSION}",
            "update the fetcher, or apply again with this version",
        )
    return from_json(stored, ServedJoin) if is_join else from_json(stored, ServedGroupBy)


def served_names(kv: KvStore, environment: str) -> Iterator[str]:
    """Names of what an environment serves, at most 2,000 of them, in the order of the store."""
    prefix = metadata_prefix(environment)
    return (key[len(prefix) :].decode() for key, _record in islice(kv.scan(prefix), _LISTED))


def served_versions(kv: KvStore, environment: str, name: ObjectName) -> tuple[int, ...]:
    """The versions of an object that an environment serves, ascending."""
    prefix = metadata_prefix(environment)
    found = (key[len(prefix) :].decode() for key, _record in kv.scan(metadata_key(environment, str(name))))
    tails = (text.removeprefix(str(name)) for text in found)
    return tuple(sorted(1 if not tail else int(tail[1:]) for tail in tails if not tail or tail.startswith("@")))


def _header(stored: bytes) -> tuple[object, bool]:
    try:
        plain = json.loads(stored)
        return plain["format_version"], "join" in plain
    except (ValueError, KeyError, TypeError) as cause:
        raise ChrononError(
            "CHR-F003", f"serving metadata cannot be read: {cause}", "apply again to write it anew"
        ) from cause
