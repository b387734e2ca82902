@git init -q -b main . && git add -A && git -c user.name=a -c user.email=a@example.com commit -qm one
chronon validate --against main
# A window goes, and what is paid has another type. Nobody has declared a mode: both are warnings.
@sed -i 's/windows: .1d, 3d./windows: 3d/' teams/shop/group_bys/user.yaml
@sed -i 's/amount: double/amount: long/' teams/shop/sources/purchases.yaml
chronon validate --against main
# The team promises that models go on: what they lose is an error, what old data cannot give is none.
@echo "compatibility: FORWARD" >> teams/shop/team.yaml
chronon validate --against main
# One group_by leaves the promise; the join that reads it does not.
@echo "compatibility: NONE" >> teams/shop/group_bys/user.yaml
chronon validate --against HEAD
chronon validate --against no-such-branch
chronon validate --against deployed
