"""Makes the state look as if a later version of chronon had written it."""

import sqlite3

with sqlite3.connect(".chronon/local/state.db") as db:
    db.execute("PRAGMA user_version = 99")
db.close()
