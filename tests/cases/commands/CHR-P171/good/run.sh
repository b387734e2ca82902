@chronon apply --yes
@python double.py
@chronon apply --yes
chronon plan
