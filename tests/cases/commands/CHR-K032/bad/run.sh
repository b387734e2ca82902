@chronon apply --yes
# Another program removes rows from a computed file.
@python prepare.py
chronon show shop.checkout --rows --limit 1
