"""What environments publish, in as few words as a comparison with the state needs: definitions are not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import msgspec

from chronon.model.jobs import Digest
from chronon.model.live import Publication
from chronon.model.serving import FORMAT_VERSION
from chronon.model.time import Day
from chronon.stores.kv.contract import KvStore
from chronon.stores.kv.layout import METADATA, environment_of, metadata_key, metadata_prefix


class _Generation(msgspec.Struct, frozen=True):
    name: str
    day: int


class _Record(msgspec.Struct, frozen=True):
    """The fields of a served group_by or join that say where its values are; all others are passed over."""

    format_version: int
    values: str | None = None
    tiles: str | None = None
    generations: tuple[_Generation, ...] = ()


def served_environments(kv: KvStore) -> tuple[str, ...]:
    """The environments that publish something. Errors: CHR-K… of the store."""
    return tuple(dict.fromkeys(environment_of(key) for key, _stored in kv.scan(METADATA)))


def publications(kv: KvStore, environment: str) -> Mapping[str, Publication]:
    """Name with version → what is published of the object. Errors: CHR-K… of the store."""
    prefix, decoder = metadata_prefix(environment), msgspec.json.Decoder(_Record)
    return {key[len(prefix) :].decode(): _publication(stored, decoder) for key, stored in kv.scan(prefix)}


def publications_of(kv: KvStore, environment: str, names: Sequence[str]) -> Mapping[str, Publication]:
    """The same of some objects. names: with versions."""
    decoder = msgspec.json.Decoder(_Record)
    found = zip(names, kv.multi_get([metadata_key(environment, name) for name in names]), strict=True)
    return {name: _publication(stored, decoder) for name, stored in found if stored is not None}


def published_digests(kv: KvStore, environment: str) -> Mapping[str, bytes]:
    """Name with version → a digest of all that is published of the object. Errors: CHR-K… of the store."""
    prefix = metadata_prefix(environment)
    return {key[len(prefix) :].decode(): blake2b(stored, digest_size=8).digest() for key, stored in kv.scan(prefix)}


def _publication(stored: bytes, decoder: msgspec.json.Decoder[_Record]) -> Publication:
    try:
        found = decoder.decode(stored)
    except msgspec.MsgspecError as cause:
        return Publication(problem=str(cause))
    if found.format_version != FORMAT_VERSION:
        return Publication(problem=f"format {found.format_version}, and this version reads {FORMAT_VERSION}")
    return Publication(
        values=Digest(found.values) if found.values else None,
        tiles=Digest(found.tiles) if found.tiles else None,
        generations=tuple((each.name, Day(each.day)) for each in found.generations),
    )
