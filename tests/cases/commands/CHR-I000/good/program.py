"""Asks for the plan that was begun last."""

import json
from contextlib import closing

from chronon.stores.state import open_state

with closing(open_state("sqlite:.chronon/local/state.db")) as state:
    (last,) = state.history(1)
    print(json.loads(state.plan_json(last.id))["environment"])
