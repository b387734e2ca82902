@chronon apply --yes
chronon compare shop.user shop.checkout
