@chronon apply --yes
# Another version of chronon has applied it.
@python prepare.py
chronon promote prod --to staging --dry-run
