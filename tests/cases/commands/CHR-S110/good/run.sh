chronon schema write schemas
