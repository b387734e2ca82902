"""Edits the audit log behind chronon's back."""

import sqlite3

state = sqlite3.connect(".chronon/local/state.db", isolation_level=None)
state.execute("DROP TRIGGER audit_keeps_its_lines")
state.execute("UPDATE audit SET who = 'eve' WHERE number = 2")
state.close()
