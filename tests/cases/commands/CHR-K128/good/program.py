"""Begins a plan that a state keeps, here of 0.1 GB at most."""

from pathlib import Path

from chronon.loaders.config import load_config
from chronon.model.plan import PlanId
from chronon.runners.deployment import open_deployment
from chronon.stores.state import journal

journal.MAX_PLAN = 100_000_000
config, _ = load_config(Path.cwd())
with open_deployment(config) as deployment:
    lease = deployment.state.acquire("ann@example.com pid 12", lease_s=60, now=0)
    plan = '{"steps": []}'
    deployment.state.begin(lease, PlanId("p-0123456789abcdef"), plan, 0, 1)
print("begun")
