@mkdir -p jdk-11/bin && printf '#!/bin/sh\necho openjdk version \\"11.0.2\\" 2019-01-15 >&2\n' > jdk-11/bin/java && chmod +x jdk-11/bin/java
JAVA_HOME=jdk-11 chronon apply --yes
