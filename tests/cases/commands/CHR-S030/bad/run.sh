rm chronon.yaml
chronon validate
