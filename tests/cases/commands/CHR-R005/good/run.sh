@chronon apply --yes
@sed -i 's/1d, 3d/1d, 7d, 3d/' teams/shop/group_bys/user.yaml
# The local engine needs no Spark.
CHRONON_SPARK_MEMORY=none chronon apply --yes --target local
