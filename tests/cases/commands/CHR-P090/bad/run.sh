@chronon plan --out plan.json
# Somebody edits the saved plan.
@sed -i 's/"untouched":0/"untouched":1/' plan.json
chronon apply plan.json
