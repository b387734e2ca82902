chronon show shop.user
