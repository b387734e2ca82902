chronon init other
