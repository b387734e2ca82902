@chronon apply --yes
# Somebody writes into the file of the store.
@echo 'no store' > .chronon/local/kv/data.mdb
chronon fetch shop.user --keys user=u1 --at 2024-01-11T00:00:00Z
