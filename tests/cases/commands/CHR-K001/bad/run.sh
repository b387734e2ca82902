@chronon apply --yes
@sed -i 's/1d, 3d/1d, 7d, 3d/' teams/shop/group_bys/user.yaml
chmod 555 .chronon/local/kv && chmod 444 .chronon/local/kv/*
chronon apply --yes
