@sed -i 's/amount/price/' teams/shop/group_bys/user.yaml
@git init -q -b main . && git add -A && git -c user.name=a -c user.email=a@example.com commit -qm one
@sed -i 's/price/amount/' teams/shop/group_bys/user.yaml
chronon validate --against main
