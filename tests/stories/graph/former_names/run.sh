# A feature, a derivation and a column of a table are found under the names that they had before.
@sed -i 's/^keys:/select: {paid: amount}\n&/; s/input: amount/input: paid\n    alias: amount/' teams/shop/group_bys/user.yaml
@sed -i 's/  share:/  part_of_3d:/' teams/shop/joins/checkout.yaml
@echo 'aliases: {share: part_of_3d}' >> teams/shop/joins/checkout.yaml
@sed -i 's/user: string/user: {type: string, alias: customer}/' teams/shop/sources/purchases.yaml
chronon lineage shop.user.amount_sum_3d
chronon lineage shop.checkout.share --values
chronon lineage shop.purchases.customer --down --values
chronon lineage shop.checkout.shares
