@chronon apply --yes
chronon compare shop.usr shop.checkout
