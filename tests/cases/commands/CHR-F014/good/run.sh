@chronon apply --yes
GET /v1/schema/shop.user
