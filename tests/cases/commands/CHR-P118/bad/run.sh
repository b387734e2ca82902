@chronon apply --yes
# A column of the source gets another name and keeps the old one as its alias.
sed -i 's/amount: double/price: {type: double, alias: amount}/' teams/shop/sources/purchases.yaml
@sed -i 's/^keys:/select: {amount: price}\nkeys:/' teams/shop/group_bys/user.yaml
chronon plan
