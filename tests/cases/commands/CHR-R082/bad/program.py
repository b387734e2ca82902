"""Looks at what can be removed, waits until somebody brings the environment back, and removes it."""

import time
from functools import partial
from pathlib import Path

from chronon.cli.app import run
from chronon.cli.tidying import find_sweep
from chronon.loaders.config import load_config
from chronon.runners.cleaning import clean
from chronon.runners.deployment import open_deployment

config, _ = load_config(Path.cwd())
target, now = config.target(), time.time()
with open_deployment(config) as deployment:
    sweep = find_sweep(deployment.state, target, now)
run(["rollback", "--env", "pr-12", "--yes", "--json"])
with open_deployment(config) as deployment:
    again = partial(find_sweep, deployment.state, target, now)
    clean(deployment, sweep, again, what="cleaned by program.py", holder="ann@example.com", clock=time.time)
print(f"removed {len(sweep.files)} file")
