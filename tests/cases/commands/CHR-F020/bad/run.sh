@chronon apply --yes
chronon serve --host 192.0.2.1
