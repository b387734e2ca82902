"""Looks at what can be removed, waits until somebody destroys prod, and removes it."""

import time
from pathlib import Path

from chronon.cli.tidying import find_sweep
from chronon.loaders.config import load_config
from chronon.runners.cleaning import clean
from chronon.runners.deployment import open_deployment
from chronon.runners.destroying import destroy

config, _ = load_config(Path.cwd())
with open_deployment(config) as deployment:
    sweep = find_sweep(deployment.state, deployment.home / "kv", time.time())
    destroy(deployment, "prod", why="moved", holder="bob@example.com", clock=time.time)
    clean(deployment, sweep, what="cleaned by program.py", holder="ann@example.com", clock=time.time)
print(f"removed {len(sweep.files)} file")
