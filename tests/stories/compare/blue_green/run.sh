# Version 2 of a group_by sums only books. It stands beside version 1 in one join, which needs a prefix for it.
sed -e 's/^group_by: user/&\nversion: 2\nwhere: category = "book"/; s/"/'"'"'/g' teams/shop/group_bys/user.yaml > 'teams/shop/group_bys/user@2.yaml'
sed -i 's/- shop.user/- shop.user@1\n  - shop.user@2/' teams/shop/joins/checkout.yaml
chronon validate
sed -i 's/- shop.user@2/- {group_by: shop.user@2, prefix: v2}/' teams/shop/joins/checkout.yaml
@chronon apply --yes
chronon show shop.checkout --rows --limit 1
chronon compare shop.user@1 shop.user@2
chronon compare shop.user@1 shop.user@2 --days 2024-01-06 --limit 1 --json | python -m json.tool | head -30
chronon fetch shop.checkout --keys user=u0,total=20.5 --at 2024-01-11T00:00:00Z
# What is not there, or may mean several things, is said.
chronon compare shop.user shop.user@2
chronon compare shop.user@1 shop.user@3
chronon compare shop.user@1 shop.checkout
chronon compare shop.user@1
chronon compare shop.user@1 shop.user@1
chronon compare shop.user@1 shop.user@2 --days 2024-02-01..2024-02-03
