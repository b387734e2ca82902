@chronon apply --yes
@python gifts.py
chronon drift
