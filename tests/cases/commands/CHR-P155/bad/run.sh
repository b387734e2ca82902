@chronon apply --yes
@chmod 000 .chronon/local/kv
chronon plan
@chmod 700 .chronon/local/kv
