@chronon plan --out plan.json
# The file was copied in part.
@truncate -s 300 plan.json
chronon apply plan.json
# It is no text at all.
@printf '\377\376' > plan.json
chronon apply plan.json
