#!/bin/sh
# move-unstage ID   on the target: takes out the key's line and the folder of a move, unless it is receiving now ("failed receiving")
set -u
root=${XENFERRY_ROOT:-/var/lib/xenferry}
in=$root/incoming/$1
case $1 in */* | .* | '') echo "failed name"; exit 1 ;; esac
[ -d "$in" ] || { echo ok; exit 0; }
read -r boot </proc/sys/kernel/random/boot_id
# Whether the process of a file "PID START BOOT" is there; one that has only PID is of an older XenFerry.
alive() {
  [ -e "$1" ] && read -r pid start theirs <"$1" && [ "${theirs:-$boot}" = "$boot" ] && read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  [ -n "$start" ] || return 0
  # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
  set -- ${stat##*) }
  [ "${20}" = "$start" ]
}
if [ ! -e "$in/exit" ] && read -r staged <"$in/boot" && [ "$staged" = "$boot" ] && alive "$in/pid"; then
  echo "failed receiving"
  exit 1
fi
[ ! -e "$in/unlock" ] || sh "$in/unlock"
rm -rf "$in"
echo ok
