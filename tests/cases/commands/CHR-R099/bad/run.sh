chronon apply plan.json
