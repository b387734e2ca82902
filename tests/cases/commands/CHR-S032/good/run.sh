@git init -q -b main . && git add -A && git -c user.name=a -c user.email=a@example.com commit -qm one
chronon validate --against main
