@chronon apply --yes
GET /ping
