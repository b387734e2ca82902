@chronon apply --yes
chronon env destroy prod --confirm prod --reason "another target serves now"
