# A file lies where the store's folder belongs.
@mkdir -p .chronon/local && touch .chronon/local/kv
chronon apply --yes
