chronon graph kind:group_by
