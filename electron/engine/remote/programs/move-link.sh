#!/bin/sh
# link WORD   ssh from the source to the target's receive program, by the one-shot key. Lies in the job's folder; WORD says what will
# come. It tells whom to end when somebody cancels (`stop`), and whose bytes to count (`transport`).
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
exec ssh -F /dev/null -T -x -a -i key -p "$port" -l root \
  -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -o PreferredAuthentications=publickey \
  -o UserKnownHostsFile=known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o HostKeyAlias=xenferry-target \
  -o CheckHostIP=no -o UpdateHostKeys=no -o ConnectTimeout=20 -o ServerAliveInterval=20 -o ServerAliveCountMax=6 -o LogLevel=ERROR \
  "$address" "$word"
