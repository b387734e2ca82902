@chronon apply --yes
chronon fetch shop.user --keys user=u1 --at yesterday
