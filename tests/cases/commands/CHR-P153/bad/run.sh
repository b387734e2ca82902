@chronon apply --yes
@rm -r .chronon/local/kv
chronon plan
