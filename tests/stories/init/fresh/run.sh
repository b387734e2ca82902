chronon init features --team payments
cat features/chronon.yaml features/teams/payments/team.yaml
cat features/.vscode/settings.json
chronon validate --repo features
chronon init features --team payments
chronon init elsewhere --team Payments
mkdir -p shared/.vscode && printf '{\n  // ours\n  "editor.tabSize": 2\n}\n' > shared/.vscode/settings.json
chronon init shared --json
cat shared/.vscode/settings.json
