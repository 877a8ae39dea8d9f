#!/bin/sh
# link WORD   ssh from the source to the target's receive program, by the one-shot key. Lies in the job's folder; WORD says what will
# come. It tells whom to end when somebody cancels (`stop`), and whose bytes to count (`transport`).
# Where there is `agent`, a socket, the operator's agent answers there in place of the key: `login` is whom we log in as, `asks` how our
# program is run there. Who has not come in by it within a minute is waiting for a desktop that is gone.
set -u
cd "${0%/*}" || exit 1
IFS= read -r address <address
read -r port <port
# `stop` is written before `cancel` is looked for, and job-cancel writes `cancel` before it looks for `stop`: none is missed
word=$1
read -r stat </proc/$$/stat
# shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the 20th is the start time
set -- ${stat##*) }
echo "$$ ${20}" >stop
echo "$$ ${20}" >transport
[ ! -e cancel ] || exit 1
if [ -e agent ]; then
  IFS= read -r agent <agent
  IFS= read -r login <login
  IFS= read -r asks <asks
  made=made-$word
  start=${20}
  lives() {
    read -r stat 2>/dev/null <"/proc/$$/stat" || return 1
    # shellcheck disable=SC2086 # the fields again: the first is the state
    set -- ${stat##*) }
    [ "$1" != Z ] && [ "${20}" = "$start" ]
  }
  (
    tries=0
    while [ ! -e "$made" ] && lives; do
      tries=$((tries + 1))
      if [ $tries -gt 60 ]; then
        echo "xenferry: the agent does not answer" >&2
        kill $$
        exit
      fi
      sleep 1
    done
  ) </dev/null >/dev/null &
  # no forced command stands for us there
  case $word in xenferry-disks) word="$asks disks" ;; *) word=$asks ;; esac
  set -- -l "$login" -o "IdentityAgent=$agent" -o IdentityFile=none -o PermitLocalCommand=yes -o "LocalCommand=echo >$made"
else
  set -- -l root -i key -o IdentitiesOnly=yes -o IdentityAgent=none
fi
exec ssh -F /dev/null -T -x -a "$@" -p "$port" -o BatchMode=yes -o PreferredAuthentications=publickey \
  -o UserKnownHostsFile=known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o HostKeyAlias=xenferry-target \
  -o CheckHostIP=no -o UpdateHostKeys=no -o ConnectTimeout=20 -o ServerAliveInterval=20 -o ServerAliveCountMax=6 -o LogLevel=ERROR \
  "$address" "$word"
