# Only some objects change; what differs and was not selected is told, and what belongs together is not torn apart.
@chronon apply --yes
sed -i 's/windows: \[1d, 3d\]/windows: [1d, 3d, 2d]/' teams/shop/group_bys/user.yaml
chronon plan --select shop.user
chronon plan --exclude 'shop.*'
chronon plan --select changed --detailed-exitcode
chronon plan --select shop.usr
chronon apply --yes --select shop.user+
chronon plan
