@chronon apply --yes
@python prepare.py
chronon plan
