@chronon apply --yes
# A thousand threads of other processes are reading.
coproc python readers.py; read -r -u ${COPROC[0]} ready; chronon fetch shop.user --keys user=u1 --at 2024-01-11T00:00:00Z; exit $?
