@chronon apply --yes
@sed -i 's/1d, 3d/1d, 7d, 3d/' teams/shop/group_bys/user.yaml
chronon apply --yes
