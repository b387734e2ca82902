@chronon apply --yes
# A feature gets another name and keeps the former one as its alias.
@sed -i 's/^keys:/select: {paid: amount}\n&/; s/input: amount/input: paid\n    alias: amount/' teams/shop/group_bys/user.yaml
chronon plan
