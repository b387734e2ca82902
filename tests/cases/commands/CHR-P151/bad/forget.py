"""Takes the metadata of prod out of the key-value store."""

from chronon.stores.kv import open_kv

kv = open_kv("lmdb:.chronon/local/kv")
kv.delete_prefix(b"m/prod/")
kv.close()
