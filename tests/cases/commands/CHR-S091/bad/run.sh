chronon init .
