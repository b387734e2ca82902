# Without a topic nothing is streamed, and no Java is needed.
JAVA_HOME=/no/jdk chronon apply --yes
