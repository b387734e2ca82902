@for day in data/shop/purchases/ds=*; do mv "$day" "$(echo "$day" | sed s/ds=/day=/)"; done
chronon plan --as-of 2024-01-06
@sed -i 's/^  table: shop.purchases$/  table: shop.purchases\n  partition: day/' teams/shop/sources/purchases.yaml
chronon plan --as-of 2024-01-06
@chronon apply --as-of 2024-01-06 --yes
chronon show shop.checkout --rows --day 2024-01-06
chronon fetch shop.checkout --keys user=u1,total=20.5 --at 2024-01-07T00:00:00Z
# A column that nobody declares, in the newest file of the table.
@python -c "import pyarrow as pa, pyarrow.parquet as pq; f = 'data/shop/purchases/day=2024-01-10/part-0.parquet'; t = pq.read_table(f, partitioning=None); pq.write_table(t.append_column('gift', pa.array([True] * t.num_rows)), f)"
chronon drift
