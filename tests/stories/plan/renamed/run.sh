# A feature is renamed and keeps its former name as an alias: no job, both names give the same number everywhere.
@chronon apply --yes
sed -i 's/^keys:/select: {paid: amount}\n&/; s/input: amount/input: paid\n    alias: amount/' teams/shop/group_bys/user.yaml
chronon validate
chronon validate --against deployed
chronon apply --yes
chronon show shop.checkout --rows --limit 2
chronon fetch shop.checkout --keys user=u1,total=10 --at 2024-01-11T00:00:00Z
chronon fetch shop.user --keys user=u1 --at 2024-01-11T00:00:00Z
sed -i 's/shop_user_amount_sum_3d/shop_user_paid_sum_3d/' teams/shop/joins/checkout.yaml
chronon plan
# A derivation gets another name as well; the join keeps the former one.
sed -i 's/  share:/  part_of_3d:/' teams/shop/joins/checkout.yaml
echo 'aliases: {share: part_of_3d}' >> teams/shop/joins/checkout.yaml
chronon apply --yes
chronon show shop.checkout --rows --limit 2
# When nobody reads the former names any more they go.
sed -i '/alias: amount/d' teams/shop/group_bys/user.yaml
chronon plan
