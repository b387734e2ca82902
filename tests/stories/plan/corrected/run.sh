@chronon apply --yes
# A day of purchases was corrected upstream, and somebody says so: a window of 3 days reaches three days further.
chronon plan --corrected shop.purchases=2024-01-05
chronon explain shop.checkout --corrected shop.purchases=2024-01-05
# The left rows of a day: every column of that day is made again, and nothing else.
chronon plan --corrected shop.checkouts=2024-01-07
# The files of a day tell it themselves.
@python -c "import pyarrow.parquet as pq; p = 'data/shop/purchases/ds=2024-01-09/part-0.parquet'; t = pq.read_table(p, partitioning=None); pq.write_table(t.slice(1), p)"
chronon plan --markdown
@chronon apply --yes
chronon plan
