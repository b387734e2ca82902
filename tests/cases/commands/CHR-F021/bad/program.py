"""Serves with two workers, and gives them no time to start."""

import sys

from chronon.cli.boundary import guarded
from chronon.serving.server import serve

if __name__ == "__main__":
    sys.exit(guarded(lambda: serve("lmdb:.chronon/local/kv", port=0, workers=2, start_s=0.0), as_json=False))
