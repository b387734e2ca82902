"""Fills the key-value store with two megabytes of other values."""

from chronon.stores.kv import open_kv

kv = open_kv("lmdb:.chronon/local/kv")
kv.write([(f"other/{number:04}".encode(), bytes(1000)) for number in range(2000)])
kv.close()
