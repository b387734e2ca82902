@chronon plan --out plan.json
# A later version of chronon wrote the file.
@sed -i 's/"format_version":[0-9]*/"format_version":99/' plan.json
chronon apply plan.json
