# A description is no meaning: metadata, and no work.
@chronon apply --yes
sed -i 's/What a user has bought lately/All that a user bought/' teams/shop/group_bys/user.yaml
chronon plan --detailed-exitcode
@chronon apply --yes
chronon plan
