@chronon plan --out plan.json
# Meanwhile somebody edits a definition.
sed -i 's/operations: \[sum, count\]/operations: [sum, max]/' teams/shop/group_bys/user.yaml
chronon apply plan.json
