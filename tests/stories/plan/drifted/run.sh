@chronon apply --yes
chronon drift
# A day of the warehouse, and the key-value store with it.
@rm -r .chronon/local/warehouse/left/*/ds=2024-01-07 .chronon/local/kv
chronon drift
chronon plan
@chronon apply --yes
chronon drift
chronon plan
# Only the metadata.
@python -c "from chronon.stores.kv import open_kv; kv = open_kv('lmdb:.chronon/local/kv'); kv.delete_prefix(b'm/prod/')"
chronon plan
@chronon apply --yes
chronon drift
# One file of a day that is there otherwise: looked for when it is asked for.
@rm "$(find .chronon/local/warehouse/left -path '*ds=2024-01-08*' -name '*.parquet' | sort | head -1)"
chronon plan
chronon drift | grep -c CHR-P150
chronon plan --thorough | grep -c again
