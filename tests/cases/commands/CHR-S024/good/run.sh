chmod 644 teams/shop/team.yaml
chronon validate
