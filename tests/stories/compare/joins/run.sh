# Two environments, one of which counts longer windows: equal columns are equal, the others are on one side only.
@chronon apply --yes
sed -i 's/windows: .1d, 3d./windows: [1d, 2d]/; s/sum/average/' teams/shop/group_bys/user.yaml
sed -i 's/shop_user_amount_sum_3d/shop_user_amount_average_2d/' teams/shop/joins/checkout.yaml
@chronon apply --yes --env staging
chronon compare shop.checkout --env prod --env staging
chronon compare shop.checkout:shop_user shop.checkout:shop_user --env prod --env staging --limit 0
# Version 2 of the join takes fewer rows, begins later, and derives a text where version 1 has a number.
sed -e 's/^join: checkout/&\nversion: 2/; s/total: total}/total: total}, where: total > 10/; s/01-05/01-07/' -e 's/^  share: .*/  share: total > 15/' teams/shop/joins/checkout.yaml > 'teams/shop/joins/checkout@2.yaml'
@chronon apply --yes --env staging
chronon compare shop.checkout@1 shop.checkout@2 --env staging
chronon compare shop.checkout@1 shop.checkout@2 --env staging --days 2024-01-06
chronon compare shop.checkout@1:shop_user shop.checkout@2:shop_user --env staging
chronon compare shop.checkout shop.checkout --env nowhere --env prod
