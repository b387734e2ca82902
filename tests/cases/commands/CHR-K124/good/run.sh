chronon plan
