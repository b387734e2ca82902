@chronon apply --yes
@python eve.py
chronon history --log --limit 1
