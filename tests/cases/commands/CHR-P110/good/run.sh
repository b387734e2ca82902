@sed -i '/^online/d' teams/shop/*/*.yaml
@chronon apply --yes
chronon plan
