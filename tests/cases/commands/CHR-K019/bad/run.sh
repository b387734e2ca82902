@chronon apply --yes
chmod 000 .chronon/local/state.db
chronon plan
