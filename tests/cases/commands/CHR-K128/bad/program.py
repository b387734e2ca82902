"""Begins a plan of more than a state keeps, here 0.1 GB."""

from pathlib import Path

from chronon.loaders.config import load_config
from chronon.model.plan import PlanId
from chronon.runners.deployment import open_deployment
from chronon.stores.state import journal

journal.MAX_PLAN = 100_000_000
config, _ = load_config(Path.cwd())
with open_deployment(config) as deployment:
    lease = deployment.state.acquire("ann@example.com pid 12", lease_s=60, now=0)
    plan = '{"steps": []}' + " " * 100_000_000
    deployment.state.begin(lease, PlanId("p-0123456789abcdef"), plan, 0, 1)
print("begun")
