# Where a column comes from, and what is computed of it.
chronon lineage shop.user.amount_sum_3d
chronon lineage shop.purchases.amount --down --values
chronon lineage shop.user.amount_sum_3d --json
chronon lineage shop.user.amount_sum_7d
