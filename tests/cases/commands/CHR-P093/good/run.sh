chronon graph shop.user
