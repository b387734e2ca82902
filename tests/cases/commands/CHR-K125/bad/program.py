"""Opens a state in PostgreSQL where psycopg is not installed."""

import sys
from unittest import mock

from chronon.stores.state import open_state

with mock.patch.dict(sys.modules, {"psycopg": None}):
    open_state("postgres://ann@127.0.0.1/features")
