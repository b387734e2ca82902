JAVA_HOME=/no/jdk chronon apply --yes
