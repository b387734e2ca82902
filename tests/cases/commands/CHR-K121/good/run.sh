@chronon apply --yes
@chronon state export state.json
chronon state import state.json --replace
