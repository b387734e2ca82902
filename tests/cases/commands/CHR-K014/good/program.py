from chronon.stores.state import open_state

open_state("sqlite:state.db").close()
