@chronon apply --yes
chronon env destroy prod --yes
