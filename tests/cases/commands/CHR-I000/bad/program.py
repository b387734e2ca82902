"""Asks for a plan that nobody has begun: whoever calls this knows one, so it is a mistake of the program."""

from contextlib import closing

from chronon.stores.state import open_state

with closing(open_state("sqlite:.chronon/local/state.db")) as state:
    state.plan_json("p-1")
