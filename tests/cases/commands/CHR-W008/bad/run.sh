@chronon apply --yes
# Another version of chronon has uploaded to the same store.
@python prepare.py
chronon fetch shop.user --keys user=u1 --at 2024-01-11T00:00:00Z
