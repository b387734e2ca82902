@chronon apply --yes
@echo 'no store' > .chronon/local/kv/data.mdb
# There is no backup.
mv .chronon/local/kv old-kv
mv .chronon/local/state.db old-state.db
@chronon apply --yes
chronon fetch shop.user --keys user=u1 --at 2024-01-11T00:00:00Z
