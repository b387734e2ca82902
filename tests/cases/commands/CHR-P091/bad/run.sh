chronon apply
