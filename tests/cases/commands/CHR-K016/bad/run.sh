@chronon apply --yes
# Somebody writes into the file of the state.
@echo 'this is not the state of anything' > .chronon/local/state.db
chronon plan
