@chronon apply --yes
@chronon state export state.json
@head -c 2000 state.json > torn.json
chronon state import torn.json --replace
