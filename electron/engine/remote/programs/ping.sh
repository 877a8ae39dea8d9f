#!/bin/sh
# ping ADDRESS SECONDS EVERY   an echo each EVERY seconds (0.2, say), for at most SECONDS; ends when stdin is closed
# Answers what ping says, each line with the seconds since 1970 on this host's clock, then ok; or failed missing
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
command -v ping >/dev/null 2>&1 || { echo "failed missing"; exit 1; }
address=$1 seconds=$2 every=$3
exec 4<&0
self=$$
( while IFS= read -r _ <&4; do :; done; kill "$self" ) 2>/dev/null 1>&- &
reader=$!
exec 4<&- </dev/null
# -D: the time of each reply; -O: says at once that one is outstanding. Line by line also into a pipe (iputils). Not -w: with a deadline
# it ends at the first "Destination Host Unreachable", which is what comes when a guest stands still for longer than some ten seconds.
timeout "$seconds" ping -n -D -O -i "$every" -W 1 "$address" 2>&1 &
pinging=$!
trap 'kill $pinging $reader 2>/dev/null' EXIT
trap 'exit 0' TERM HUP INT PIPE
wait $pinging
kill $reader 2>/dev/null
trap - EXIT
echo ok
