chronon apply --yes --env preview
