"""A thousand readers of the key-value store, until the input ends."""

import sys
from contextlib import suppress

import lmdb

env = lmdb.open(".chronon/local/kv", max_readers=1024)
readers = []
with suppress(lmdb.ReadersFullError):
    while True:
        readers.append(env.begin())
print("ready", flush=True)
sys.stdin.read()
