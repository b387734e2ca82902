"""Gives the recorded objects fingerprints of another version."""

import sqlite3

with sqlite3.connect(".chronon/local/state.db") as db:
    db.execute("UPDATE snapshots SET fingerprint = 'of-another-version'")
db.close()
