@chronon apply --yes
GET /v1/features/group_by/shop.user
