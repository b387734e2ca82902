# Without a topic nothing is streamed, and no Java is needed.
JAVA_HOME=jdk-11 chronon apply --yes
