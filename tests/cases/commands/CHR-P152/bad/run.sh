@chronon apply --yes --as-of 2024-01-09
@cp -r .chronon/local/kv kv.older
@chronon apply --yes
# The key-value store is brought back from a copy of the day before.
@rm -r .chronon/local/kv
@mv kv.older .chronon/local/kv
chronon plan
