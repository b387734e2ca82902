chronon validate
chronon plan
chronon status
chronon validate --json
