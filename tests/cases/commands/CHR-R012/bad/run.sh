chronon apply --yes
