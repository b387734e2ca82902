chronon lineage shop.user.amount_sum_7d
