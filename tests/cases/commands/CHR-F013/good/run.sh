@chronon apply --yes
POST /v1/features/group_by/shop.user [{"user": "u1"}]
