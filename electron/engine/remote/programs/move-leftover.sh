#!/bin/sh
# move-leftover UUID NAME [ID]   destroys the domain with this UUID and exactly this name (NAME ends in --incoming or --migratedaway), if it
# is paused; and ends nothing else. Only under the guest's lock, and while no move receives that guest here.
#   ID  the move it is a rest of, when its source will never give permission to start it (who calls has seen both ends). Its receiver may
#       live on for minutes after its transport was cut: it is held still (SIGSTOP) from the last look until the domain is destroyed, so
#       that it can neither rename nor unpause it in between.
# What remains: xl knows no "destroy if paused", so a hand (xl unpause, xl rename) may come between the last look and the destruction,
# some milliseconds. A domid is not given away again, so it would be that guest and no other.
# Answers: gone DOMID · ok, or failed busy | failed receiving | failed running | failed domains | failed destroy
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=${XENFERRY_ROOT:-/var/lib/xenferry}
uuid=$1 name=$2 id=${3-}
case $name in *--incoming | *--migratedaway) ;; *) echo "failed name"; exit 1 ;; esac
read -r boot </proc/sys/kernel/random/boot_id
refuse() {
  echo "failed $1"
  exit 1
}
# Whether the process of a file "PID START BOOT" is there; one that has only PID is of an older XenFerry.
alive() {
  [ -e "$1" ] && read -r pid start theirs <"$1" && [ "${theirs:-$boot}" = "$boot" ] && read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  [ -n "$start" ] || return 0
  # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
  set -- ${stat##*) }
  [ "${20}" = "$start" ]
}
children() {
  for file in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$file" || continue
    # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the second is the parent
    set -- "$1" ${line##*) }
    [ "${3-}" = "$1" ] || continue
    file=${file#/proc/}
    echo "${file%/stat}"
  done
}
# holds the receiver PID and its xl still; should we be killed, or should they hold something that the destruction waits for, they go on
still='' waker=''
hold_still() {
  kill -STOP "$1" || return 0
  still="$1 $(children "$1")"
  # shellcheck disable=SC2086 # process ids
  kill -STOP $still 2>/dev/null
  # shellcheck disable=SC2086
  (trap '' HUP; sleep 10; kill -CONT $still) </dev/null >/dev/null 2>&1 9>&- &
  waker=$!
}
# shellcheck disable=SC2317 # called by a trap
leave() {
  # shellcheck disable=SC2086 # process ids
  [ -z "$still" ] || kill -CONT $still 2>/dev/null
  [ -z "$waker" ] || kill "$waker" 2>/dev/null
  rm -f "$lock"
}
is_it() {
  [ "$(xenstore-read "/local/domain/$1/vm" 2>/dev/null)" = "/vm/$uuid" ] && [ "$(xenstore-read "/local/domain/$1/name" 2>/dev/null)" = "$name" ]
}
lock=$root/locks/$uuid
mkdir -p "$root/locks" && exec 9>>"$lock"
# a lock that its last holder took away in this moment is none: it must be the file that stands there
# shellcheck disable=SC3013 # dash and busybox know -ef
if ! flock -n 9 || ! [ "$lock" -ef "/proc/$$/fd/9" ]; then refuse busy; fi
trap leave EXIT
trap 'exit 1' HUP INT PIPE TERM
for in in "$root"/incoming/*/; do
  in=${in%/}
  if [ -e "$in/exit" ] || ! alive "$in/pid"; then continue; fi
  guest=$uuid # one that does not say whose it is may be this one's
  [ ! -e "$in/guest" ] || read -r guest <"$in/guest"
  [ "$guest" = "$uuid" ] || continue
  [ "${in##*/}" = "$id" ] || refuse receiving
  hold_still "$pid"
done
domids=$(xenstore-list /local/domain 2>/dev/null) || refuse domains
for domid in $domids; do
  is_it "$domid" || continue
  state=$(xl list "$domid" 2>/dev/null 9>&- | awk 'END { print $(NF - 1) }')
  case $state in ??p*) ;; *) refuse running ;; esac
  # xl renames before it unpauses: what has its name still was not let go
  is_it "$domid" || refuse running
  if xl destroy "$domid" 9>&-; then echo "gone $domid"; elif is_it "$domid"; then refuse destroy; fi
done
echo ok
