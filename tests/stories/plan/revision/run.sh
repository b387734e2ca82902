# What a tag declares, whatever lies in the working tree: planned, saved, refused by other files, and applied.
@git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm one && git tag one
@chronon apply --yes
@sed -i 's/\[1d, 3d\]/[1d, 2d, 3d]/' teams/shop/group_bys/user.yaml
@git -c user.name=a -c user.email=a@b commit -qam two && git tag two && git checkout -q one
chronon plan --revision one | sed 's/repository @ .*/repository @ <commit>/'
chronon plan --revision two --out two.json | sed 's/repository @ .*/repository @ <commit>/'
chronon apply two.json 2>&1 | sed 's/revision [0-9a-f]*/revision <commit>/'
chronon apply two.json --revision one 2>&1 | sed 's/revision [0-9a-f]*/revision <commit>/'
@chronon apply two.json --revision two
chronon plan --revision two --detailed-exitcode | tail -1
chronon apply --revision three --yes
