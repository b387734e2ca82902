"""Fetches while nobody publishes."""

from chronon.serving.fetcher import Fetcher, Request
from chronon.stores.kv import open_kv

fetcher = Fetcher(open_kv("lmdb:.chronon/local/kv", read_only=True), "prod")
print(sorted(fetcher.fetch("shop.user", [Request(keys={"user": "u1"}, at=1_704_931_200_000)])[0].values))
