@chronon apply --yes
python program.py
