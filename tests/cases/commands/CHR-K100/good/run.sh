@python gifts.py
@chronon schema pull shop.purchases --write
chronon schema pull shop.purchases
