@chronon apply --yes
@sed -i 's/1d, 3d/1d, 3d, 7d/' teams/shop/group_bys/user.yaml
@chronon apply --yes
@chronon rollback --yes --reason "7d is not ready"
# The retention of the target is over.
@chronon clean --yes --keep 0
chronon rollback --to 2 --dry-run
