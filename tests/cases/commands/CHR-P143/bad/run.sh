@chronon apply --yes
@rm -r data/shop/purchases
chronon plan
