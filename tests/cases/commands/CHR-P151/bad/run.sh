@chronon apply --yes
@python forget.py
chronon plan
