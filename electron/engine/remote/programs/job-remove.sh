#!/bin/sh
# job-remove ID...   takes away the folders of jobs that have ended; one that runs stays: "kept ID"
set -u
root=${XENFERRY_ROOT:-/var/lib/xenferry}
read -r boot </proc/sys/kernel/random/boot_id
for id in "$@"; do
  case $id in */* | .* | '') continue ;; esac
  job=$root/jobs/$id
  [ -d "$job" ] || continue
  if [ ! -e "$job/exit" ] && [ -e "$job/pid" ]; then
    read -r pid _ theirs <"$job/pid"
    if [ "$theirs" = "$boot" ] && [ -d "/proc/$pid" ]; then echo "kept $id"; continue; fi
  fi
  rm -rf "$job"
done
echo ok
