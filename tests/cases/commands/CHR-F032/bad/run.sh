@chronon apply --yes --as-of 2024-01-09
# The batch of the next day is not there yet.
@rm -r data/shop/purchases/ds=2024-01-10
@chronon apply --yes --as-of 2024-01-10
chronon fetch shop.checkout --keys user=u0,total=10.0 --at 2024-01-10T03:00:00Z --compare
