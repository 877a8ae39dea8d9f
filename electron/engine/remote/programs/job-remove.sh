#!/bin/sh
# job-remove ID...   takes away the folders of jobs that have ended; one that runs stays: "kept ID". So does a move whose end is not
# known: the config that it set aside may be in no other place.
# Also what moves left at their target for more than a day (their source is gone for good, or was set up anew); that a guest
# arrived is remembered for 30 days, for a source that comes back late and would put its config back.
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
  if [ -e "$job/where-config" ]; then
    phase=
    [ ! -e "$job/phase" ] || read -r phase <"$job/phase"
    case $phase in moved | stayed | cancelled | changed) ;; *) echo "kept $id"; continue ;; esac
  fi
  rm -rf "$job"
done
find "$root/incoming" -mindepth 1 -maxdepth 1 -type d -mtime +0 2>/dev/null | while IFS= read -r in; do
  if [ ! -e "$in/exit" ] && [ -e "$in/pid" ] && read -r pid <"$in/pid" && [ -d "/proc/$pid" ]; then continue; fi
  if [ -e "$in/exit" ] && read -r how <"$in/exit" && [ "$how" = 0 ] && [ -n "$(find "$in" -maxdepth 0 -mtime -30)" ]; then continue; fi
  # a config that was to come without a transfer (no key): its source may have let go of it, and waits for both links to finish
  if [ -e "$in/where-config" ] && [ ! -e "$in/installed" ] && IFS= read -r keys <"$in/keysfile" && [ -z "$keys" ]; then continue; fi
  [ ! -e "$in/unlock" ] || sh "$in/unlock"
  rm -rf "$in"
done
echo ok
