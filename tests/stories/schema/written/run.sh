chronon schema write schemas
chronon schema write schemas
echo '{}' > schemas/join.schema.json
chronon schema write schemas --draft 2020-12
rm schemas/join.schema.json
chronon schema write schemas --draft 2020-12 --json
head -3 schemas/join.schema.json
chronon schema write schemas --draft 2019-09
