# What readers lose stands first and needs approval.
@chronon apply --yes
rm teams/shop/joins/checkout.yaml
sed -i 's/operations: \[sum, count\]/operations: [sum]/' teams/shop/group_bys/user.yaml
chronon plan --detailed-exitcode
