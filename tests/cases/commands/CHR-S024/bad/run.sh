chmod 000 teams/shop/team.yaml
chronon validate
