@chronon apply --yes
@sed -i 's/1d, 3d/1d, 2d, 3d/' teams/shop/group_bys/user.yaml
chronon plan --select shop.user
