@chronon apply --yes
# What an earlier build had recorded: the same features in another order, under another name of their values.
@python prepare.py
chronon plan
