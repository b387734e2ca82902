@python gifts.py
chronon schema pull shop.purchases --write
