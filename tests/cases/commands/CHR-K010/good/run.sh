# ann's process is gone.
@python prepare.py
chronon unlock
chronon apply --yes
