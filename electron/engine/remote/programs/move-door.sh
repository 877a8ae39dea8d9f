#!/bin/sh
# door WAIT   waits WAIT seconds in the folder of a move that has its time, at the target; then lets its source knock, once, for ten
# minutes. Until then nothing of that move stands in authorized_keys. Ends with its folder (move-unstage ends it).
set -u
cd "$(dirname "$0")" || exit 1
read -r boot </proc/sys/kernel/random/boot_id
read -r stat </proc/$$/stat
up() {
  read -r now _ </proc/uptime
  now=${now%.*}
}
up
until=$((now + $1))
# shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the 20th is the start time
set -- ${stat##*) }
echo "$$ ${20} $boot" >pid.new && mv pid.new pid.door || exit 1
napping=
trap 'kill "$napping" 2>/dev/null; exit' TERM
nap() {
  sleep "$1" &
  napping=$!
  wait "$napping"
}
while [ "$now" -lt "$until" ]; do
  nap $((until - now))
  up
done
sh ./admit knock >/dev/null || exit 1
nap 600
# nobody came: the line is worth nothing now
[ -e claimed-knock ] || sh ./unlock
