chronon applyy
chronon plan --as-off 2024-01-10
chronon plan --as-of yesterday
chronon show
