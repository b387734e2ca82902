# What two revisions mean differently: nothing for another order, columns for another window.
@git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm one && git tag one
sed -i 's/windows: \[1d, 3d\]/windows: [3d, 1d]/' teams/shop/group_bys/user.yaml
chronon diff one
sed -i 's/windows: \[3d, 1d\]/windows: [3d, 2d]/' teams/shop/group_bys/user.yaml
chronon diff one
chronon diff one --json | head -c 120
@git -c user.name=a -c user.email=a@b commit -qam two
chronon diff HEAD
chronon diff HEAD one
chronon diff nothing
