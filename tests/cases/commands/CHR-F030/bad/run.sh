@chronon apply --yes
chronon fetch shop.user --keys u1
@printf '\377\376' > keys.jsonl
chronon fetch shop.user --keys @keys.jsonl
