chronon schema pull shop.purchase
