#!/bin/sh
# move-aside ID aside LOCK UUID NAME   at the source: takes config and autostart link of a prepared move of a halted guest out of Xen's
# folders; may be repeated. Refused when the config is not what was copied, when a job holds the guest's LOCK, or when it was started
# meanwhile (UUID may be empty: then its domain is known by NAME).
# move-aside ID shelve   the guest has moved and its job could not do this: its disks here go to the trash
# move-aside ID WAY   "back" puts them back unless something stands there again, "done" forgets the move, "moved" or "stayed" notes how
# it was settled by somebody who looked at both ends, for whoever finds it later.
# Answers ok, or: failed changed | failed busy | failed started | failed gone | failed running | failed write FILE
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=${XENFERRY_ROOT:-/var/lib/xenferry}
job=$root/jobs/$1
[ -d "$job" ] || { echo "failed gone"; exit 1; }
read -r boot </proc/sys/kernel/random/boot_id
# Whether the process of a file "PID START BOOT" is there; one that has only PID is of an older XenFerry.
alive() {
  [ -e "$1" ] && read -r pid start theirs <"$1" && [ "${theirs:-$boot}" = "$boot" ] && read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  [ -n "$start" ] || return 0
  # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
  set -- ${stat##*) }
  [ "${20}" = "$start" ]
}
# shellcheck source=electron/engine/remote/programs/move-back.sh
[ ! -e "$job/back" ] || . "$job/back" # cut off while it was prepared, it has none, and has set nothing aside
# a job that was killed could not take its watching of writes away (move-disks.sh)
untrace() {
  rmdir "/sys/kernel/tracing/instances/xenferry-$1" "/sys/kernel/debug/tracing/instances/xenferry-$1" 2>/dev/null
  [ ! -e "$job/qcow2" ] || sh "$job/shown" close # nor what showed its qcow2 files
}
lock=
hold() {
  mkdir -p "$root/locks"
  tries=0
  # two XenFerrys may finish the same move: each waits for the other. A lock that its last holder took away in this moment is none: it
  # must be the file that stands there
  # shellcheck disable=SC3013 # dash and busybox know -ef
  while exec 9>>"$root/locks/$1" && ! { flock -n 9 && [ "$root/locks/$1" -ef "/proc/$$/fd/9" ]; }; do
    tries=$((tries + 1))
    [ $tries -lt 10 ] || { echo "failed busy"; exit 1; }
    sleep 1
  done
  lock=$root/locks/$1
  trap 'rm -f "$lock"' EXIT
}
started() {
  for domid in $(xenstore-list /local/domain 2>/dev/null); do
    [ "$domid" != 0 ] || continue
    if [ -n "$1" ]; then [ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null)" != "/vm/$1" ] || return 0; continue; fi
    [ "$(xenstore-read "/local/domain/$domid/name" 2>/dev/null)" != "$2" ] || return 0
  done
  return 1
}
case $2 in
  aside)
    hold "$3"
    if started "$4" "$5"; then echo "failed started"; exit 1; fi
    if [ -e "$job/where-auto" ] && IFS= read -r path <"$job/where-auto"; then rm -f "$path"; settle "${path%/*}"; fi
    if [ -e "$job/where-config" ] && IFS= read -r path <"$job/where-config" && { [ ! -e "$job/committed" ] || [ -e "$path" ]; }; then
      cmp -s "$job/aside/config" "$path" || { echo "failed changed"; exit 1; }
      : >"$job/committed"
      settle "$job/committed"
      rm -f "$path"
      settle "${path%/*}"
    fi
    ;;
  back)
    # a move that still waited for its time has set nothing aside: whoever changed something since meant it
    if [ -e "$job/phase" ] && read -r phase <"$job/phase" && [ "$phase" = waiting ]; then echo ok; exit 0; fi
    # first: cut off in the middle, it goes on this way and no other
    rm -f "$job/committed"
    settle "$job"
    for what in config auto; do
      [ ! -e "$job/where-$what" ] || putBack "$job" "$what" || { echo "failed write $path"; exit 1; }
    done
    ;;
  shelve)
    if [ -s "$job/disks.list" ]; then (cd "$job" && sh ./disks aside >>log 2>&1); fi
    ;;
  moved | stayed)
    untrace "$1"
    rm -f "$job/memory" "$job/saving"
    echo "$2" >"$job/phase"
    [ -e "$job/exit" ] || echo 1 >"$job/exit"
    ;;
  done)
    # a job that runs is not forgotten
    if [ ! -e "$job/exit" ] && alive "$job/pid"; then echo "failed running"; exit 1; fi
    untrace "$1"
    rm -rf "$job"
    ;;
esac
echo ok
