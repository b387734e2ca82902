chronon plan --out plan.json
chronon apply plan.json
