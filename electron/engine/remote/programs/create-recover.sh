#!/bin/sh
# create-recover ID   puts an end to a creation whose process is gone (killed, or the host went down): undoes it, or says what stays.
# Adds its words to the job's log and writes the job's exit, as create would have: 0 it runs, 1 undone, 8 something is left.
# Answers ok, or: failed gone | failed ended | failed busy (another XenFerry is at it) | failed running
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=${XENFERRY_ROOT:-/var/lib/xenferry}
refuse() {
  echo "failed $1"
  exit 1
}
cd "$root/jobs/$1" 2>/dev/null || refuse gone
[ ! -e exit ] || refuse ended
if [ ! -e pid ] || [ ! -e undo ]; then refuse gone; fi
read -r lock <guest
exec 9>>"../../locks/$lock"
# a lock that its last holder took away in this moment is none: it must be the file that stands there
# shellcheck disable=SC3013 # dash and busybox know -ef
if ! flock -n 9 || ! [ "../../locks/$lock" -ef "/proc/$$/fd/9" ]; then refuse busy; fi
trap 'rm -f "../../locks/$lock"' EXIT
[ ! -e exit ] || refuse ended
read -r leader began theirs <pid
read -r boot </proc/sys/kernel/random/boot_id
# shellcheck source=electron/engine/remote/programs/create-undo.sh
. ./undo

# What the job started may live on without it: its process group. A number that was given away since is not ours.
alive() {
  [ "$theirs" = "$boot" ] || return 1
  if read -r stat 2>/dev/null <"/proc/$leader/stat"; then
    # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
    set -- ${stat##*) }
    [ "${20}" != "$began" ] || refuse running
    return 1
  fi
  kill -0 "-$leader" 2>/dev/null
}
tries=0 watched=
while alive; do
  watched=yes
  # an xl at work is let go on to its end: killed, it would leave half a domain
  if [ ! -e starting ]; then kill -9 "-$leader" 2>/dev/null; fi
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || refuse running
  sleep 1
done

recover() {
  if [ -e result ]; then
    read -r code <result
    return
  fi
  read -r uuid <args
  if [ -e starting ]; then
    read -r started <starting
    domid=$(domid_of "$uuid")
    # a domain that is still being built is paused and has used no time; one whose state can't be read counts as running
    state='--p--- 0.0'
    [ -z "$domid" ] || state=$(xl list "$domid" 2>/dev/null | sed -n '$s/.* \([-rbpscdw]\{6\}\) *\([0-9.]*\)$/\1 \2/p')
    case $state in
      *p*\ 0.0) ;;
      *)
        echo ok
        code=0
        return
        ;;
    esac
    if [ "$started" != "$boot" ] || { [ -z "$domid" ] && [ -z "$watched" ]; }; then
      # the host went down since, or nobody saw how xl ended: the guest may have run, so nothing of it is thrown away
      name_left
      echo "failed start"
      code=8
      return
    fi
    [ -z "$domid" ] || xl destroy "$domid" >/dev/null 2>&1
  fi
  undo
  echo "failed interrupted"
  code=1
}
code=1
recover 9>&- >>log 2>&1
echo "$code" >exit.new
mv exit.new exit
echo ok
