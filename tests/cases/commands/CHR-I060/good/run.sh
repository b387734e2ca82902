chronon lineage shop.user.amount_sum_3d
