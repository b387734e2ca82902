chronon show shop.purchases
chronon show shop.user
chronon show shop.checkout
chronon show shop.checkouts_
chronon show shop.user --json
