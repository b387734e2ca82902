chronon validate
chronon plan
