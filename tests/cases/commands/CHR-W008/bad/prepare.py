"""Makes the uploaded values look as if a version of chronon with another layout had written them."""

from chronon.stores.kv import open_kv

kv = open_kv("lmdb:.chronon/local/kv")
kv.write([(key, b"\x63" + value[1:]) for key, value in list(kv.scan(b"b/"))])
kv.close()
