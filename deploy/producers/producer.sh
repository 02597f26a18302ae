#!/usr/bin/env bash
# Pushes a job for Penstock onto a Redis list, waits up to 30 s for its end and prints it, as JSON.
#
#     ./producer.sh FLOW SESSION INPUT_JSON [QUEUE]
#     ./producer.sh greet user-123 '{"name": "Ada"}'
#
# Needs redis-cli 7 (Debian's redis-tools). PENSTOCK_REDIS_URL says where Redis is (redis://host:port/db,
# redis+unix:///path.sock), PENSTOCK_PREFIX what its keys begin with. Ends with 0 if the job is done, otherwise with 1.
set -euo pipefail

flow=$1 session=$2 input=$3 queue=${4:-default}
prefix=${PENSTOCK_PREFIX:-penstock:}
url=${PENSTOCK_REDIS_URL:-redis://127.0.0.1:6379/0}
server=(redis-cli -e -u "$url")
[[ $url != redis+unix://* ]] || server=(redis-cli -e -s "${url#redis+unix://}")

id=$(</proc/sys/kernel/random/uuid)
printf '{"flow":"%s","id":"%s","session_id":"%s","input":%s}' "$flow" "$id" "$session" "$input" |
    "${server[@]}" -x LPUSH "${prefix}queue:$queue" >/dev/null

ended=${prefix}ended:$id # BLMOVE reads it and leaves it there, for others that wait
notice=$("${server[@]}" BLMOVE "$ended" "$ended" RIGHT RIGHT 30)
[[ -n $notice ]] || { echo "job $id has not ended within 30 s" >&2 && exit 1; }
printf '%s\n' "$notice"
[[ $notice == "{\"id\":\"$id\",\"status\":\"done\""* ]]
