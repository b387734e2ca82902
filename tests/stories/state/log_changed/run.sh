# Whoever edits the audit log behind chronon's back is found at the line.
@chronon apply --yes
@python -c "import sqlite3; db = sqlite3.connect('.chronon/local/state.db', isolation_level=None); db.execute('DROP TRIGGER audit_keeps_its_lines'); db.execute('UPDATE audit SET who = \'eve\' WHERE number = 2')"
chronon history --log --limit 2
