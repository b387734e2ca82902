@chronon apply --yes
@sed -i 's/1d, 3d/1d, 3d, 7d/' teams/shop/group_bys/user.yaml
@chronon apply --yes --env pr-12
# Meanwhile another change went live.
@sed -i 's/sum, count/sum, count, max/; s/, 7d//' teams/shop/group_bys/user.yaml
@chronon apply --yes
chronon promote pr-12 --yes
