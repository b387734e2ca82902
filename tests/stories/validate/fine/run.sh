chronon validate
chronon validate --format github
