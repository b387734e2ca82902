from chronon.stores.state import open_state

open_state("sqlit:state.db").close()
