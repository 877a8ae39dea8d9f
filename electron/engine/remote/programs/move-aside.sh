#!/bin/sh
# move-aside ID WAY   at the source: WAY "aside" takes config and autostart link of a prepared move out of Xen's folders (refused when
# the config is not what was copied; may be repeated), "back" puts them back unless something stands there again, "done" forgets the
# move.
# WAY "moved" or "stayed" notes how it was settled by somebody who looked at both ends, for whoever finds it later.
# Answers ok, or: failed changed | failed gone | failed running | failed write FILE
set -u
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
settle() { sync -- "$@" 2>/dev/null || sync; }
case $2 in
  aside)
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
    # first: cut off in the middle, it goes on this way and no other
    rm -f "$job/committed"
    settle "$job"
    for what in config auto; do
      [ -e "$job/where-$what" ] && IFS= read -r path <"$job/where-$what" || continue
      if [ -e "$path" ] || [ -L "$path" ]; then continue; fi
      beside=${path%/*}/.xenferry-$1
      cp -pP "$job/aside/$what" "$beside" && mv "$beside" "$path" || { echo "failed write $path"; exit 1; }
      settle "${path%/*}"
    done
    ;;
  moved | stayed)
    echo "$2" >"$job/phase"
    [ -e "$job/exit" ] || echo 1 >"$job/exit"
    ;;
  done)
    # a job that runs is not forgotten
    if [ ! -e "$job/exit" ] && alive "$job/pid"; then echo "failed running"; exit 1; fi
    rm -rf "$job"
    ;;
esac
echo ok
