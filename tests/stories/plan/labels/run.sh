# Labels are what comes after a row: null until their windows are over, then made as soon as they are.
@chronon apply --yes --as-of 2024-01-09
printf 'labels:\n  - shop.user\n' >> teams/shop/joins/checkout.yaml
chronon plan --as-of 2024-01-09
@chronon apply --yes --as-of 2024-01-09
chronon show shop.checkout
chronon explain shop.checkout
chronon lineage shop.checkout.label_shop_user_amount_sum_3d
chronon show shop.checkout --rows --json --day 2024-01-07 --limit 1
chronon plan
@chronon apply --yes
chronon show shop.checkout --rows --json --day 2024-01-07 --limit 1
chronon fetch shop.checkout --keys user=u0 --at 2024-01-11T06:00:00Z
chronon plan
# Behind the join a label is not to be had.
sed -i 's/share: total/share: label_shop_user_amount_sum_1d/' teams/shop/joins/checkout.yaml
chronon validate
