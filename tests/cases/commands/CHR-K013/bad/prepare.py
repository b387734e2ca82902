"""Makes the first step of the next apply lose the lock, as `chronon unlock` would at that moment."""

import sqlite3

with sqlite3.connect(".chronon/local/state.db") as db:
    db.execute("CREATE TRIGGER taken AFTER INSERT ON steps BEGIN DELETE FROM lease; END")
db.close()
