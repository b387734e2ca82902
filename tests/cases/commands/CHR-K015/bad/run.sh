@chronon apply --yes
# A later version of chronon has written the state.
@python prepare.py
chronon status
