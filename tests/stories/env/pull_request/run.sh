# The shop is live, with the tables of two days.
@chronon apply --yes --as-of 2024-01-06
# A branch adds a window. It is tried in an environment of its own: only the new columns are computed.
sed -i 's/1d, 3d/1d, 3d, 7d/' teams/shop/group_bys/user.yaml
chronon apply --yes --env pr-123 --as-of 2024-01-06
chronon env list
chronon env show pr-123
# Merged: prod points at what the branch has computed. There is nothing to run.
chronon promote pr-123 --as-of 2024-01-06 --yes
chronon fetch shop.checkout --keys user=u1 --at 2024-01-07T00:00:00Z
chronon env list
# It was wrong. Taking columns away needs a reason.
chronon rollback --yes
chronon rollback --yes --reason "the 7d window disturbs the model"
chronon fetch shop.checkout --keys user=u1 --at 2024-01-07T00:00:00Z
chronon history --env prod
# The environment is not needed any more.
chronon env destroy pr-123 --yes
chronon fetch shop.checkout --keys user=u1 --env pr-123
chronon env list
# Nothing goes before the retention is over; then what only the branch and the rollback had needed goes.
chronon clean
chronon clean --keep 0 --dry-run
chronon clean --keep 0
chronon clean --keep 0 --yes
chronon clean --keep 0 --yes
chronon history --env prod
chronon history --env pr-123
chronon fetch shop.checkout --keys user=u1 --at 2024-01-07T00:00:00Z
# Newer days have come since: a promotion says what it has to compute for them.
@chronon rollback --env pr-123 --yes
chronon promote pr-123 --dry-run
