#!/bin/sh
# move-job NAME DOMID UUID ADDRESS   the job on the source: `xl migrate` through ./carry, and what must be true before and after
# In its folder `disks.list`: disks that only this host has; they are copied first (`disks`). `config.target`: what the target is told
# instead of what runs here.
# Its phases: preparing copying connecting moving, then how it ended: moved stayed cancelled changed undecided
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
name=$1 domid=$2 uuid=$3 address=$4
phase() { echo "$1" >phase; }
# the last word stands there whole or not at all
ended() { echo "$1" >phase.new; mv phase.new phase; }
# shellcheck source=electron/engine/remote/programs/move-back.sh
. ./back
phase preparing
[ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null)" = "/vm/$uuid" ] || { echo "xenferry: domain $domid is not $uuid any more"; ended stayed; exit 1; }
# From here a reboot of this host must not start the guest: the autostart link goes before anything is sent. The config file
# stays until the target has everything (see carry): by itself it starts nothing.
if [ -e where-auto ] && IFS= read -r link <where-auto; then rm -f "$link"; settle "${link%/*}"; fi
how=1 ready=yes
if [ -e disks.list ] && [ ! -e cancel ]; then
  phase copying
  mkfifo to from
  sh ./link xenferry-disks <to >from &
  exec 7>to 8<from
  sh ./disks live "$domid" || ready=
fi
phase connecting
if [ "$ready" ] && [ ! -e cancel ]; then
  set --
  [ ! -e config.target ] || set -- -C "$PWD/config.target"
  if [ -e disks.list ]; then sh ./disks gather $$ 7>&- 8<&- & fi
  xl migrate "$@" -s "sh $PWD/carry #" "$domid" "$address"
  how=$?
fi
if [ -e disks.list ]; then
  exec 7>&- 8<&-
  : >enough
  [ ! -e gathering ] || flock gathering true # it may be reading: then its folder can't go
  sh ./disks end
  # they stay here, set aside, until somebody lets them go
  if [ $how -eq 0 ]; then sh ./disks aside; fi
fi
if [ $how -eq 0 ]; then
  ended moved
elif now=$(xenstore-read "/local/domain/$domid/name" 2>/dev/null) || now=; [ "$now" = "$name" ] || { [ -z "$now" ] && [ ! -e committed ]; }; then
  # it runs here, or it ended here while it was still ours alone
  # what is not well yet is brought to rest by whoever looks at both ends
  if ! putBack "$PWD" config || ! putBack "$PWD" auto; then
    echo "xenferry: not put back: $path"
    ended undecided
  elif xl list "$domid" 2>/dev/null | awk 'NF > 1 { state = $(NF - 1) } END { exit state !~ /^...ss/ }'; then
    echo "xenferry: xl did not let it go on"
    ended undecided
  elif [ -e changed ]; then ended changed; elif [ -e cancel ]; then ended cancelled; else ended stayed; fi
else
  ended undecided
fi
# nobody asks the operator's agent any more
if [ -e agent ] && IFS= read -r agent <agent; then rm -f "$agent"; rmdir "${agent%/*}" 2>/dev/null; fi
[ ! -e key ] || rm -f key
exit $how
