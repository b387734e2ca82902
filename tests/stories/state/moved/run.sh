# A state moves from one place to another, whole; a plan goes on from there.
@chronon apply --yes
chronon state export state.json
chronon state export | cmp state.json
cp chronon.yaml chronon.yaml.old
sed -i 's|home: .chronon/local|home: .chronon/elsewhere|' chronon.yaml
chronon state import state.json
chronon plan
chronon state export again.json
cmp state.json again.json
chronon state import state.json
chronon state import state.json --replace
head -c 2000 state.json > torn.json
chronon state import torn.json --replace
sed 's/"who": "[^"]*"/"who": "eve"/' state.json > edited.json
chronon state import edited.json --replace
echo '{"format": "chronon state", "version": 99}' > newer.json
chronon state import newer.json --replace
chronon state import
chronon state export --replace
chronon state forget
chronon status
chronon history --log --limit 1
