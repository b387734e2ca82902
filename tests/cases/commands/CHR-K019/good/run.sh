@chronon apply --yes
chmod 644 .chronon/local/state.db
chronon plan
