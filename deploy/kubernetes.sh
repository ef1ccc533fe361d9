#!/bin/bash
# One load from several pods of a Kubernetes cluster:
#
#   IMAGE=registry.example/readymark deploy/kubernetes.sh 4 --address 10.0.0.1:4000 --loop open --rate 100000
#
# It needs Kubernetes 1.28, which numbers the pods by a label. LEAD is the seconds until the start, in which all pods have
# to be up (default: 90); READYMARK names the command that merges the results here (default: npx --no-install readymark); KUBECTL
# is kubectl with its context and namespace.
set -euo pipefail

if [ $# -lt 2 ] || [ -z "${IMAGE:-}" ]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
kubectl=${KUBECTL:-kubectl}
readymark=${READYMARK:-npx --no-install readymark}
shards=$1
shift
name="readymark-load-$(date +%s)"
start=$(($(date +%s) + ${LEAD:-90}))
# They are words of a shell inside a string of YAML, and of a pattern of sed before.
options=$(printf ' %q' "$@" | sed "s/'/''/g; s/[\\\\&|]/\\\\&/g")

folder=$(mktemp -d)
cleanup() {
  rm -rf "$folder"
  $kubectl delete job "$name" --ignore-not-found --wait=false >/dev/null
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

sed -e "s|NAME_HERE|$name|; s|SHARDS_HERE|$shards|g; s|IMAGE_HERE|$IMAGE|; s|START_HERE|$start|; s|OPTIONS_HERE|$options|" \
  "$(dirname "$0")/kubernetes.yaml" >"$folder/job.yaml"
$kubectl apply -f "$folder/job.yaml" >&2
state=""
until [[ $state == *Complete* || $state == *Failed* ]]; do
  sleep 2
  # A job that is gone, or a cluster that does not answer, ends this script.
  state=$($kubectl get job "$name" -o jsonpath='{.status.conditions[?(@.status=="True")].type}')
done
for ((index = 0; index < shards; index++)); do
  $kubectl logs -l "batch.kubernetes.io/job-completion-index=$index,job-name=$name" --tail=-1 |
    grep '^{' >"$folder/$index.json" || { echo "shard $((index + 1)) has no result" >&2; rm -f "$folder/$index.json"; }
done
shopt -s nullglob
results=("$folder"/*.json)
[ ${#results[@]} -gt 0 ] || exit 1
$readymark load --merge "${results[@]}"
