"""Key-value stores: where serving reads batch values, tiles and metadata. Importing this loads no backend."""

from __future__ import annotations

from chronon.stores.kv.contract import KvStore, kv_backends, open_kv

__all__ = ["KvStore", "kv_backends", "open_kv"]
