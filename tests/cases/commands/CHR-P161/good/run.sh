@chronon apply --yes
@sed -i 's/1d, 3d/1d, 3d, 7d/' teams/shop/group_bys/user.yaml
@chronon apply --yes
chronon history --env prod
chronon rollback --to 1 --yes --reason "7d is not ready"
