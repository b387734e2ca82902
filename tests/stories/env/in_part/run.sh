# Prod serves one group_by and the join that reads it. A branch adds a window to it, and a group_by of its own.
@chronon apply --yes --as-of 2024-01-06
@sed -i 's/1d, 3d/1d, 3d, 7d/' teams/shop/group_bys/user.yaml
@sed 's/group_by: user/group_by: category/; s/keys: \[user\]/keys: [category]/' teams/shop/group_bys/user.yaml > teams/shop/group_bys/category.yaml
@chronon apply --yes --env pr-123 --as-of 2024-01-06
# The group_by of its own stands alone; so it can go first.
chronon promote pr-123 --select shop.category --as-of 2024-01-06 --yes
chronon history --env prod
# The other two read each other, and go together.
chronon promote pr-123 --select shop.user,kind:join --yes
chronon promote pr-123 --select shop.user,kind:group_by --as-of 2024-01-06 --yes
chronon promote pr-123 --exclude shop.checkout --as-of 2024-01-06 --yes
chronon promote pr-123 --select owner:shop@example.com --yes
chronon promote pr-123 --select 'shop.check*' --exclude shop.usr --yes
chronon promote pr-123 --select shop.checkout+ --exclude team:shop --as-of 2024-01-06 --yes
chronon promote pr-123 --select +shop.checkout --as-of 2024-01-06 --yes
chronon promote pr-123 --as-of 2024-01-06 --yes
chronon fetch shop.category --keys category=book --at 2024-01-07T00:00:00Z
# What the branch does not have can be left, too.
@chronon env destroy pr-123 --yes
@rm teams/shop/group_bys/category.yaml
@sed -i 's/1d, 3d, 7d/1d, 3d/' teams/shop/group_bys/user.yaml
@chronon apply --yes --env pr-124 --as-of 2024-01-06
chronon promote pr-124 --overwrite --exclude shop.category --as-of 2024-01-06 --dry-run
