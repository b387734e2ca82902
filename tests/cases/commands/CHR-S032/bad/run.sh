chronon validate --against main
