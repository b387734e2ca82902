from chronon.stores.kv import open_kv

with_values = open_kv("lmdb:.chronon/local/kv")
with_values.write([(b"key", b"value")])
