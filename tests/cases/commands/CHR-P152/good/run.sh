@chronon apply --yes --as-of 2024-01-09
@cp -r .chronon/local/kv kv.older
@chronon apply --yes
@rm -r .chronon/local/kv
@mv kv.older .chronon/local/kv
@chronon apply --yes
chronon drift
