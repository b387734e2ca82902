@chronon apply --yes
@coproc chronon serve --port 0; read -u ${COPROC[0]} line; kill $COPROC_PID; wait $COPROC_PID
