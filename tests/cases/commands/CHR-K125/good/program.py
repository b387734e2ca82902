"""Opens a state in PostgreSQL, which connects with the first transaction."""

from chronon.stores.state import open_state

open_state("postgres://ann@127.0.0.1/features").close()
