# A group_by is to be removed: its readers are told what to read instead, and after the day they are errors.
@cp teams/shop/group_bys/user.yaml teams/shop/group_bys/user@2.yaml
@sed -i 's/^group_by: user/&\nversion: 2/' teams/shop/group_bys/user@2.yaml
@sed -i 's/^description: .*/&\ndeprecated: {until: 2999-12-31, use: user@2, reason: refunds are missing}/' teams/shop/group_bys/user.yaml
@sed -i 's/  - shop.user/&@1/' teams/shop/joins/checkout.yaml
chronon validate
chronon show shop.user@1
@chronon plan
sed -i 's/2999/2019/' teams/shop/group_bys/user.yaml
chronon validate
chronon plan
# The join goes by the same day itself: then there is nothing to change in it before.
sed -i 's/2019/2999/' teams/shop/group_bys/user.yaml
echo 'deprecated: 2999-12-31' >> teams/shop/joins/checkout.yaml
chronon validate
# What is told of nothing is asked for by name.
@echo 'checks: {column_descriptions: warning}' >> chronon.yaml
chronon validate --format github
