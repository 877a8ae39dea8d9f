#!/bin/sh
# job-remove ID...   takes away the folders of jobs that have ended; one that runs stays: "kept ID". So does a move whose end is not
# known: the config that it set aside may be in no other place.
# Also what moves left at their target for more than a day (their source is gone for good, or was set up anew); that a guest
# arrived is remembered for 30 days, for a source that comes back late and would put its config back.
set -u
root=${XENFERRY_ROOT:-/var/lib/xenferry}
read -r boot </proc/sys/kernel/random/boot_id
# Whether the process of a file "PID START BOOT" is there; one that has only PID is of an older XenFerry.
alive() {
  [ -e "$1" ] && read -r pid start theirs <"$1" && [ "${theirs:-$boot}" = "$boot" ] && read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  [ -n "$start" ] || return 0
  # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
  set -- ${stat##*) }
  [ "${20}" = "$start" ]
}
for id in "$@"; do
  case $id in */* | .* | '') continue ;; esac
  job=$root/jobs/$id
  [ -d "$job" ] || continue
  if [ ! -e "$job/exit" ] && alive "$job/pid"; then echo "kept $id"; continue; fi
  if [ -e "$job/where-config" ]; then
    phase=
    [ ! -e "$job/phase" ] || read -r phase <"$job/phase"
    case $phase in moved | stayed | cancelled | changed) ;; *) echo "kept $id"; continue ;; esac
  fi
  # one that was killed could not take its watching of writes away (move-disks.sh)
  rmdir "/sys/kernel/tracing/instances/xenferry-$id" "/sys/kernel/debug/tracing/instances/xenferry-$id" 2>/dev/null
  [ ! -e "$job/qcow2" ] || sh "$job/shown" close # nor what showed its qcow2 files
  rm -rf "$job"
done
find "$root/incoming" -mindepth 1 -maxdepth 1 -type d -mtime +0 2>/dev/null | while IFS= read -r in; do
  if [ ! -e "$in/exit" ] && { alive "$in/pid" || alive "$in/pid.door"; }; then continue; fi
  came=
  if [ -e "$in/installed" ] || { [ -e "$in/exit" ] && read -r how <"$in/exit" && [ "$how" = 0 ]; }; then came=yes; fi
  if [ "$came" ] && [ -n "$(find "$in" -maxdepth 0 -mtime -30)" ]; then continue; fi
  # disks that were made here for a guest that did not come, or that are still on their way: whoever takes them away needs the folder
  if [ -e "$in/made" ] && [ -z "$came" ]; then continue; fi
  # a config that was to come without a transfer (no key), or with disks: its source may have let go of it, and waits for both links to
  # finish
  if [ -e "$in/where-config" ] && [ ! -e "$in/installed" ] && IFS= read -r keys <"$in/keysfile" && { [ -z "$keys" ] || [ -e "$in/disks" ]; }; then continue; fi
  [ ! -e "$in/unlock" ] || sh "$in/unlock"
  # what was made for it is the guest's own by now, and carries no mark of ours
  # shellcheck source=electron/engine/remote/programs/create-undo.sh
  [ ! -e "$in/made" ] || (cd "$in" && . ./undo && name_left >/dev/null)
  rm -rf "$in"
done
echo ok
