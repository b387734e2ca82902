@chronon plan --out plan.json
# Meanwhile somebody edits a description, which no value depends on.
sed -i 's/^description: .*/description: Another/' teams/shop/group_bys/user.yaml
chronon apply plan.json
