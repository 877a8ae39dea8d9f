#!/bin/sh
# move-later NAME UUID ADDRESS WAIT LOCK AUTO   the job on the source of a move that begins in WAIT seconds; nobody need be there then
# In its folder: `move`, what is done then (move-job), and all that it needs; `shared`: paths of the disks that both hosts see, one a line.
#   LOCK  the guest's lock: free while this waits, held while it moves (the job's own lock, later-UUID, keeps a second one from waiting)
#   AUTO  the folder of autostart links
# Time is counted by /proc/uptime: it goes on by itself, whatever the clock is set to meanwhile. Until the waiting is over nothing is set
# aside and no key opens anything: whatever ends this job, the guest is where it was. Then it looks at what may have changed since, asks
# the target the same (move-knock), and goes on as any move.
# Phases: waiting, then those of move-job; or at once stayed ("xenferry: later WHY DETAIL" says why) or cancelled
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
tab='	'
name=$1 uuid=$2 address=$3 wait=$4 lock=$5 auto=$6
phase() { echo "$1" >phase.new; mv phase.new phase; }
end() {
  phase "$1"
  rm -f key
  exit 1
}
refuse() {
  echo "xenferry: later $*"
  end stayed
}
up() {
  read -r now _ </proc/uptime
  now=${now%.*}
}
# Sleeps; whoever cancels ends it (job-cancel). `stop` is written before `cancel` is looked for, and there the other way round.
nap() {
  sleep "$1" 9>&- &
  napping=$!
  if read -r stat 2>/dev/null <"/proc/$napping/stat"; then
    # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the 20th is the start time
    set -- ${stat##*) }
    echo "$napping ${20}" >stop
  fi
  if [ -e cancel ]; then kill "$napping" 2>/dev/null; fi
  wait "$napping" 2>/dev/null
  [ ! -e cancel ] || end cancelled
}
size_of() { if [ -b "$1" ]; then blockdev --getsize64 "$1" 2>/dev/null; else stat -L -c %s "$1" 2>/dev/null; fi; }
# Of what is in it: the file of a qcow2 disk grows (`qcow2`: N<tab>PATH, as move-shown has it; its size stands in bytes 24 to 31).
size_in() { # N PATH
  if grep -qs "^$1$tab" qcow2; then od -An -tx1 -j24 -N8 "$2" | tr -d ' '; else size_of "$2"; fi
}
# One line for each disk that serves domain $1, and one for the size of each that is to be copied.
disks_of() {
  if [ -e disks.list ]; then
    while IFS=$tab read -r n _ _ _ path; do echo "$(size_in "$n" "$path") $path"; done <disks.list
  fi
  for kind in vbd vbd3 qdisk; do
    for one in $(xenstore-list "/local/domain/0/backend/$kind/$1" 2>/dev/null); do
      at=/local/domain/0/backend/$kind/$1/$one
      echo "$one $(xenstore-read "$at/mode" 2>/dev/null) $(xenstore-read "$at/params" 2>/dev/null)"
    done
  done
}
# Sets domid to that of the guest; another than it was, when the guest was rebooted meanwhile.
find_guest() {
  domid=
  for one in $(xenstore-list /local/domain 2>/dev/null); do
    [ "$one" != 0 ] && [ "$(xenstore-read "/local/domain/$one/vm" 2>/dev/null)" = "/vm/$uuid" ] || continue
    [ "$(xenstore-read "/local/domain/$one/name" 2>/dev/null)" = "$name" ] && domid=$one
  done
  [ -n "$domid" ]
}
autostart_of() {
  real=$(readlink -f "$1")
  for link in "$auto"/*; do
    [ -L "$link" ] && [ "$(readlink -f "$link")" = "$real" ] && [ "$link" != "$1" ] || continue
    printf '%s\n' "$link"
    return
  done
}
# A lock that its last holder took away in this moment is none: it must be the file that stands there.
# shellcheck disable=SC3013 # dash and busybox know -ef
take() { exec 9>>"../../locks/$lock" && flock -n 9 && [ "../../locks/$lock" -ef "/proc/$$/fd/9" ]; }

up
until=$((now + wait))
find_guest && disks_of "$domid" >disks.then
phase waiting
while [ "$now" -lt "$until" ]; do
  nap $((until - now))
  up
done
tries=0
until take; do
  tries=$((tries + 1))
  [ $tries -le 30 ] || refuse busy
  nap 10
done
trap 'rm -f "../../locks/$lock"' EXIT
echo "$lock" >guest
find_guest || refuse halted
case $(xl list "$domid" 2>/dev/null 9>&- | awk 'END { print $(NF - 1) }') in
  *p*) refuse paused ;;
  *[scd]*) refuse halted ;;
esac
if [ -e where-config ] && IFS= read -r config <where-config; then
  cmp -s aside/config "$config" || refuse config "$config"
  was=
  [ ! -e where-auto ] || IFS= read -r was <where-auto
  [ "$(autostart_of "$config")" = "$was" ] || refuse autostart
fi
disks_of "$domid" >disks.now
cmp -s disks.then disks.now || refuse disks
# the target lets us knock once; it may be a little late
while IFS= read -r path; do
  if [ -b "$path" ]; then echo "block $(size_of "$path") $path"; else echo "file - $path"; fi
done <shared >knocking
tries=0
until said=$(timeout 120 sh ./link xenferry-knock <knocking 9>&-) && [ -n "$said" ]; do
  [ ! -e cancel ] || end cancelled
  tries=$((tries + 1))
  [ $tries -lt 3 ] || refuse door
  nap 20
done
[ "$said" = ready ] || refuse "${said#failed }"
# what follows is the move; its time counts from here
read -r now _ </proc/uptime
echo "$now" >began
sh ./move "$name" "$domid" "$uuid" "$address" 9>&-
