"""Savepoints in the key-value store: each stands among the pages that it speaks of, and is written and removed with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest
from chronon.model.savepoints import Savepoint
from chronon.schemas.wire import from_json, to_json
from chronon.stores.kv.contract import KvStore
from chronon.stores.kv.layout import savepoint_key


def savepoint_entry(dataset: Digest, savepoint: Savepoint) -> tuple[bytes, bytes]:
    """Key and value, to be written in one batch with the pages that make it true."""
    return savepoint_key(dataset), to_json(savepoint).encode()


def savepoints_in(kv: KvStore, datasets: Collection[Digest]) -> Mapping[Digest, Savepoint]:
    """Dataset → its savepoint. Those that another version of chronon wrote are left out: their streams are folded anew."""
    texts = kv.multi_get([savepoint_key(one) for one in datasets])
    read = {text: _read(text) for text in set(texts) if text is not None}  # readers of one topic have the same
    named = zip(datasets, texts, strict=True)
    return {dataset: found for dataset, text in named if text is not None and (found := read[text]) is not None}


def _read(text: bytes) -> Savepoint | None:
    try:
        return from_json(text, Savepoint)
    except ChrononError as unread:
        if unread.code != "CHR-S900":
            raise
        return None
