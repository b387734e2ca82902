chronon validate
