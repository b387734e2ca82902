@chronon apply --yes
chronon plan --corrected shop.purchases=2024-01-03..2024-01-05,2024-01-09 --json | python -c "import json, sys; print(json.load(sys.stdin)['corrected'])"
