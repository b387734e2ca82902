@chronon apply --yes
@for file in $(find .chronon/local/warehouse -name '*.parquet'); do echo no Parquet > $file; done
# There is no backup.
mv .chronon/local/state.db .chronon/local/old-state.db
@chronon apply --yes
chronon show shop.checkout --rows --limit 1
