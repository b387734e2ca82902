# Without a topic nothing is streamed.
CHRONON_FLINK_MEMORY=1k chronon apply --yes
