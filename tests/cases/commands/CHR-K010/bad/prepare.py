"""Another process that applies a plan."""

from pathlib import Path

from chronon.stores.state import open_state

Path(".chronon/local").mkdir(parents=True, exist_ok=True)
state = open_state("sqlite:.chronon/local/state.db")
state.acquire("ann@example.com pid 12", lease_s=1e9, now=1.8e9)
state.close()
