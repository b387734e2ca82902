# Two teams: the shop has a join, risk a group_by of its own that is served.
@mkdir -p teams/risk/group_bys
@printf 'team: risk\nowners: ["@risk", risk@example.com]\n' > teams/risk/team.yaml
@sed 's/group_by: user/group_by: category/; s/keys: \[user\]/keys: [category]/' teams/shop/group_bys/user.yaml > teams/risk/group_bys/category.yaml
@chronon apply --yes --as-of 2024-01-06
@chronon plan --as-of 2024-01-06
# A change takes one away and narrows the other: the comment says who has to agree, and how it comes back.
@sed -i 's/1d, 3d/3d/' teams/shop/group_bys/user.yaml
@rm teams/risk/group_bys/category.yaml
chronon plan --as-of 2024-01-06 --markdown
chronon plan --as-of 2024-01-06
# In an environment of its own it stands beside prod.
chronon plan --as-of 2024-01-06 --env pr-123 --markdown --out plan.json
