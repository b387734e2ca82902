chronon graph knd:group_by
