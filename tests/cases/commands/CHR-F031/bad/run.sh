@chronon apply --yes
chronon fetch shop.user --keys usr=u1
