"""Fetches while something publishes the same metadata anew before every read."""

from collections.abc import Iterator, Sequence

from chronon.serving.fetcher import Fetcher, Request
from chronon.stores.kv import KvStore, open_kv


class Restless:
    """A store in which metadata are other bytes at every read."""

    def __init__(self, kv: KvStore) -> None:
        self.kv, self.reads = kv, 0

    def multi_get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        self.reads += 1
        found = self.kv.multi_get(keys)
        return [one + b" " * self.reads if one and one.startswith(b"{") else one for one in found]

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        return self.kv.scan(prefix)


fetcher = Fetcher(Restless(open_kv("lmdb:.chronon/local/kv", read_only=True)), "prod")
print(fetcher.fetch("shop.user", [Request(keys={"user": "u1"})])[0].values)
