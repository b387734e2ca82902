@chronon apply --yes
# The file is restored from a backup.
@cp .chronon/local/state.db backup.db
@echo 'this is not the state of anything' > .chronon/local/state.db
@cp backup.db .chronon/local/state.db
chronon plan
