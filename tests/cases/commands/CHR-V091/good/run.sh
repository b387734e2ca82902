@chronon apply --yes
chronon explain shop.user
