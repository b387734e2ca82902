"""Makes the serving metadata look as if a later version of chronon had written them."""

from chronon.stores.kv import open_kv

kv = open_kv("lmdb:.chronon/local/kv")
kv.write([(key, record.replace(b'"format_version":', b'"format_version":9')) for key, record in list(kv.scan(b"m/"))])
kv.close()
