# One more window is one more column per operation, on the days that lack it; the others are kept.
@chronon apply --yes
sed -i 's/windows: \[1d, 3d\]/windows: [1d, 3d, 2d]/' teams/shop/group_bys/user.yaml
chronon plan --detailed-exitcode
chronon apply --yes
chronon plan
