# A file lies where the warehouse belongs.
@mkdir -p .chronon/local && touch .chronon/local/warehouse
chronon apply --yes
