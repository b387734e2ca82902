chronon init features --team payments
cat features/chronon.yaml features/teams/payments/team.yaml
chronon validate --repo features
chronon init features --team payments
chronon init elsewhere --team Payments
