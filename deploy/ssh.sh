#!/bin/bash
# One load from several machines, over ssh:
#
#   deploy/ssh.sh alice,bob,carol --address 10.0.0.1:4000 --loop open --rate 100000 --connections 300
#
# Each machine runs one shard of the load, and all begin together, by their own clocks: keep those in time (NTP or PTP).
# readymark must be there on each; READYMARK names the command (default: npx --no-install readymark), RSH the remote shell
# (default: ssh), LEAD the seconds until the start (default: 20).
set -euo pipefail

if [ $# -lt 2 ]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
readymark=${READYMARK:-npx --no-install readymark}
rsh=${RSH:-ssh -o BatchMode=yes}
IFS=, read -ra hosts <<<"$1"
shift

folder=$(mktemp -d)
# The machines hear by the end of this pipe that nobody waits for them any more; the pipe ends with this script.
mkfifo "$folder/alive"
exec 9<>"$folder/alive"
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start=$(($(date +%s) + ${LEAD:-20}))
options=$(printf ' %q' "$@")
shard=0
for host in "${hosts[@]}"; do
  shard=$((shard + 1))
  # The words of rsh and readymark are words; the options were quoted for the shell at the other end.
  load="$readymark load --shard $shard/${#hosts[@]} --start-at $start --json$options"
  $rsh "$host" "exec 3<&0; $load & load=\$!; { cat <&3; kill \$load; } >/dev/null 2>&1 & watch=\$!
    wait \$load; code=\$?; kill \$watch; exit \$code" \
    <"$folder/alive" >"$folder/$shard.json" 2>"$folder/$shard.err" 9>&- &
  pids+=($!)
done

shard=0
for pid in "${pids[@]}"; do
  shard=$((shard + 1))
  wait "$pid" || true
  # A shell at the other end may have said something first.
  sed -i '/^{/!d' "$folder/$shard.json"
  # A shard whose load was not valid still says what it saw; one that could not run has said why.
  if [ ! -s "$folder/$shard.json" ]; then
    echo "shard $shard on ${hosts[$((shard - 1))]} has no result:" >&2
    cat "$folder/$shard.err" >&2
    rm -f "$folder/$shard.json"
  fi
done
pids=()
shopt -s nullglob
results=("$folder"/*.json)
[ ${#results[@]} -gt 0 ] || exit 1
code=0
$readymark load --merge "${results[@]}" || code=$?
if [ $code -ge 2 ]; then
  trap - EXIT
  echo "what came of the shards is kept in $folder" >&2
fi
exit $code
