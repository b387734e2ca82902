@chronon apply --yes
python -m program
