# An older day holds texts where the contract says numbers.
@python -c "import pyarrow as pa, pyarrow.parquet as pq; f = 'data/shop/purchases/ds=2024-01-06/part-0.parquet'; t = pq.read_table(f, partitioning=None); i = t.column_names.index('amount'); pq.write_table(t.set_column(i, 'amount', t['amount'].cast(pa.string())), f)"
chronon apply --yes
