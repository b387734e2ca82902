@python gifts.py
@chmod 500 teams/shop/sources
chronon schema pull shop.purchases --write
@chmod 700 teams/shop/sources
