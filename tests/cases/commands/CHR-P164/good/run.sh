@chronon apply --yes
@sed -i 's/1d, 3d/1d, 3d, 7d/' teams/shop/group_bys/user.yaml
@chronon apply --yes --env pr-12
@sed -i 's/sum, count/sum, count, max/; s/, 7d//' teams/shop/group_bys/user.yaml
@chronon apply --yes
# The branch takes the other change in, and is applied again.
@sed -i 's/1d, 3d/1d, 3d, 7d/' teams/shop/group_bys/user.yaml
@chronon apply --yes --env pr-12
chronon promote pr-12 --yes
