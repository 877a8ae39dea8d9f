#!/bin/sh
# job-cancel ID   ok, or: failed gone | failed ended | failed late (its point of no return is behind it)
# The decision falls under the job's lock: either "cancel" or "committed" is there first, never both.
# Nothing is killed when the host was booted since, or the process of "stop" has ended: its number is somebody else's then.
set -u
root=${XENFERRY_ROOT:-/var/lib/xenferry}
job=$root/jobs/$1
[ -e "$job/lock" ] || { echo "failed gone"; exit 1; }
exec 9>>"$job/lock"
flock 9
if [ -e "$job/exit" ]; then echo "failed ended"; exit 1; fi
if [ -e "$job/committed" ]; then echo "failed late"; exit 1; fi
: >"$job/cancel"
read -r boot </proc/sys/kernel/random/boot_id
theirs=$boot # it has none while it begins
[ ! -e "$job/pid" ] || read -r _ _ theirs <"$job/pid"
if [ "$theirs" = "$boot" ] && [ -e "$job/stop" ] && read -r pid start <"$job/stop" && read -r stat 2>/dev/null <"/proc/$pid/stat"; then
  # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the 20th is the start time
  set -- ${stat##*) }
  if [ "${start:-${20}}" = "${20}" ]; then kill "$pid" 2>/dev/null; fi
fi
echo ok
