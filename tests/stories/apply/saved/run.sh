# A saved plan is applied once, as it was reviewed, and only to the state that it was made from.
@chronon plan --out plan.json
@chronon plan --as-of 2024-01-09 --out older.json
chronon apply plan.json
chronon apply plan.json
chronon apply older.json
chronon apply plan.json --env staging
sed 's/"untouched":0/"untouched":1/' plan.json > edited.json
rm -r .chronon
chronon apply edited.json
echo '{}' > edited.json
chronon apply edited.json
chronon apply missing.json
