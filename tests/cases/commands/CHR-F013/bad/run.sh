@chronon apply --yes
@yes '{"user": "u1"},' | head -c 2000000 > body.json
POST /v1/features/group_by/shop.user < body.json
