# What readers lose stands first and needs an approval of that very plan.
@chronon apply --yes
rm teams/shop/joins/checkout.yaml
sed -i 's/operations: \[sum, count\]/operations: [sum]/' teams/shop/group_bys/user.yaml
chronon plan --detailed-exitcode --out plan.json
chronon apply plan.json
chronon apply --yes
@chronon plan --as-of 2024-01-09 --out older.json
chronon approve plan.json shop.usr --reason "moved to v2"
chronon approve plan.json shop.user --reason "moved to v2"
chronon apply plan.json
chronon approve plan.json --reason "nobody reads it since January"
@chronon apply plan.json
chronon status
chronon history --log --limit 5
chronon approve plan.json --reason "once more"
chronon apply older.json
