#!/bin/sh
# move-look ID UUID   what is true here of a move, at either end
#   boot ID · domain DOMID STATE NAME (every domain with that UUID; STATE as `xl list` has it)
#   job WORD       at the source: prepared running ended died        phase WORD · committed · saving (it stands still, as
#                  its memory was saved) or saving now (it is being saved)
#   incoming WORD  at the target: staged claimed receiving received failed       installed · rebooted (since it was staged) · taking
#                  (what takes its disks, puts its config in its place and starts it is at work)
#   ok
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=${XENFERRY_ROOT:-/var/lib/xenferry}
job=$root/jobs/$1 in=$root/incoming/$1 uuid=$2
read -r boot </proc/sys/kernel/random/boot_id
echo "boot $boot"
for domid in $(xenstore-list /local/domain 2>/dev/null); do
  [ "$domid" != 0 ] && [ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null)" = "/vm/$uuid" ] || continue
  state=$(xl list "$domid" 2>/dev/null | awk 'END { print $(NF - 1) }')
  printf 'domain %s %s %s\n' "$domid" "${state:--}" "$(xenstore-read "/local/domain/$domid/name" 2>/dev/null)"
done
alive() {
  [ -e "$1" ] && read -r pid start theirs <"$1" && [ "${theirs:-$boot}" = "$boot" ] && read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  [ -n "$start" ] || return 0
  # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
  set -- ${stat##*) }
  [ "${20}" = "$start" ]
}
if [ -d "$job" ]; then
  if [ -e "$job/exit" ]; then echo "job ended"; elif [ ! -e "$job/pid" ]; then echo "job prepared"; elif alive "$job/pid"; then echo "job running"; else echo "job died"; fi
  [ -e "$job/phase" ] && read -r phase <"$job/phase" && echo "phase $phase"
  [ ! -e "$job/committed" ] || echo committed
  if [ -e "$job/saving" ]; then if (flock -n 5) 5>>"$job/saving"; then echo saving; else echo "saving now"; fi; fi
fi
if [ -d "$in" ]; then
  read -r theirs <"$in/boot"
  [ "$theirs" = "$boot" ] || echo rebooted
  if [ -e "$in/exit" ]; then
    read -r how <"$in/exit"
    if [ "$how" = 0 ]; then echo "incoming received"; else echo "incoming failed"; fi
  elif [ "$theirs" = "$boot" ] && alive "$in/pid"; then echo "incoming receiving"
  elif [ -e "$in/pid" ]; then echo "incoming claimed"
  else echo "incoming staged"; fi
  [ ! -e "$in/installed" ] || echo installed
  if alive "$in/pid.disks"; then echo taking; fi
fi
echo ok
