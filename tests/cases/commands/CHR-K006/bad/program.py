from chronon.stores.kv import open_kv

open_kv("lmbd:store").close()
