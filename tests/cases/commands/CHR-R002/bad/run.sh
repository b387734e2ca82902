# A file lies where the target's folder belongs.
@mkdir .chronon && touch .chronon/local
chronon apply --yes
