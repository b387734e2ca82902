# One mistake in each of six files, found in one run, in the order of places.
sed -i 's/^targets:/targetz:/' chronon.yaml
chronon validate
sed -i 's/^targetz:/targets:/' chronon.yaml
sed -i 's/owners: .*/owner: [shop@example.com]/' teams/shop/team.yaml
sed -i 's/amount: double/amount: decimal/' teams/shop/sources/purchases.yaml
sed -i 's/time: asked_ms/time: asked_m/' teams/shop/sources/checkouts.yaml
sed -i 's/shop.user$/shop.usr/' teams/shop/joins/checkout.yaml
printf 'group_by: city\nsource: shop.checkouts\nkeys: [user]\naggregations:\n  - input: total\n    operations: [avg]\n    windows: [7m]\n' > teams/shop/group_bys/city.yaml
printf 'group_by: tabs\nkeys:\n\t- user\n' > teams/shop/group_bys/tabs.yaml
chronon validate
chronon validate --format github
chronon plan
chronon apply --yes
