# ann applies a plan to the same target.
@python prepare.py
chronon apply --yes
