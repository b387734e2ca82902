@chronon apply --yes
@chronon apply --yes
chronon compare shop.checkout shop.basket
