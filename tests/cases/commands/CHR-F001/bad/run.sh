@chronon apply --yes
chronon fetch shop.usr --keys user=u1
