@chronon apply --yes
GET /v1/schemas/shop.user
