"""Looks at what can be removed, and removes it."""

import time
from functools import partial
from pathlib import Path

from chronon.cli.tidying import find_sweep
from chronon.loaders.config import load_config
from chronon.runners.cleaning import clean
from chronon.runners.deployment import open_deployment

config, _ = load_config(Path.cwd())
target, now = config.target(), time.time()
with open_deployment(config) as deployment:
    again = partial(find_sweep, deployment.state, target, now)
    clean(deployment, again(), again, what="cleaned by program.py", holder="ann@example.com", clock=time.time)
print("removed what was found")
