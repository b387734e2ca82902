@chronon apply --yes
@sed -i 's/1d, 3d/1d, 3d, 7d/' teams/shop/group_bys/user.yaml
@chronon apply --yes --env pr-12
@chronon env destroy pr-12 --yes
python program.py
