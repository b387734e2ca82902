chronon schema pull shop.purchases
