@chronon apply --yes
@python double.py
chronon plan
