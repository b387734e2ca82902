echo '{}' > join.schema.json
chronon schema write .
