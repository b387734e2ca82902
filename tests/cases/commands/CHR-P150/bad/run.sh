@chronon apply --yes
@rm -r .chronon/local/warehouse/left/*/ds=2024-01-07
chronon plan
