# Two days earlier: two days of work.
@chronon apply --yes
sed -i 's/start: 2024-01-05/start: 2024-01-03/' teams/shop/joins/checkout.yaml
chronon plan
@chronon apply --yes
chronon plan
