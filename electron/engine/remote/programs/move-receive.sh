#!/bin/sh
# receive [disks]   the forced command of the one-shot key, on the target: receives, takes its own key line out, installs the config.
# With "disks": receives the guest's disks, and lets its memory come by a second line of the same key when that is asked for.
# Standard input and output are xl's stream; nothing of ours may be written there.
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
here=$(dirname "$0")
cd "$here" || exit 1
what=${1:-}
boot=
read -r boot </proc/sys/kernel/random/boot_id
read -r stat </proc/$$/stat
# shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the 20th is the start time
set -- ${stat##*) }
self="$$ ${20} $boot"
if [ "$what" != inside ]; then
  mkdir "claimed${what:+-$what}" 2>/dev/null || { echo "xenferry: this key was used already" >&2; exit 1; }
  if [ "$what" = disks ]; then
    sh ./unlock >/dev/null
    echo "$self" >pid.disks || exit 1
    exec sh ./disks-in
  fi
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
    # a service of its own: the guest's xl monitor and QEMU must not end with the SSH session
    exec systemd-run --quiet --collect --pipe --wait --unit="xenferry-in-${PWD##*/}" -p KillMode=process sh "$PWD/receive" inside
  fi
  trap '' HUP
fi
# without its folder nobody would install the config: the move was given up meanwhile
echo "$self" >pid.new && mv pid.new pid || exit 1
# nobody can come in by that line again (it is claimed): it goes while the guest's memory comes
sh ./unlock </dev/null >/dev/null 2>&1 &
xl migrate-receive
how=$?
# the guest runs here now: its config and autostart belong here, whoever is still listening
if [ $how -eq 0 ]; then said=$(sh ./install "${PWD##*/}") || echo "xenferry: the config was not installed: $said" >&2; fi
# and the leases beside its images
if [ $how -eq 0 ] && [ -e lease ]; then sh ./lease over >/dev/null 2>&1 </dev/null; fi
echo $how >exit.new && mv exit.new exit
wait
exit $how
