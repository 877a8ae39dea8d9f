#!/bin/sh
# receive [disks]   the forced command of the one-shot key, on the target: takes its own key line out, receives, installs the config.
# Where the operator's agent lets the source in, the source asks for it by name, and `open` says whether that is expected now (admit).
# With "disks": receives the guest's disks, and lets its memory come by a second line of the same key when that is asked for.
# Standard input and output are xl's stream; nothing of ours may be written there.
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
cd "${0%/*}" || exit 1
what=${1:-}
boot=
read -r boot </proc/sys/kernel/random/boot_id
if [ -e keysfile ] && IFS= read -r keys <keysfile && [ "$keys" = - ]; then
  may='' until=0 theirs=''
  [ ! -e open ] || read -r may until theirs <open
  read -r now _ </proc/uptime
  if [ "$may" != "${what:-memory}" ] || [ "$theirs" != "$boot" ] || [ "${now%.*}" -gt "$until" ]; then
    echo "xenferry: nobody is expected here now" >&2
    exit 1
  fi
fi
read -r stat </proc/$$/stat
# shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the 20th is the start time
set -- ${stat##*) }
# whoever links its number first has the key; without the folder nobody would install the config: the move was given up meanwhile
if ! { echo "$$ ${20} $boot" >"pid.$$" && ln "pid.$$" "pid${what:+.$what}" 2>/dev/null; }; then
  echo "xenferry: this key was used already" >&2
  exit 1
fi
if [ "$what" = disks ]; then
  sh ./unlock >/dev/null
  exec sh ./disks-in
fi
# A scope of its own: the guest's xl monitor and QEMU must neither end with the SSH session nor, when this host shuts down, before the
# guest does. Asked of systemd by itself: systemd-run would stand beside the whole stream.
if [ -d /run/systemd/system ] && command -v busctl >/dev/null 2>&1; then
  manager='org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager'
  # shellcheck disable=SC2086 # three words
  busctl call $manager StartTransientUnit 'ssa(sv)a(sa(sv))' "xenferry-in-${PWD##*/}.scope" fail \
    2 PIDs au 1 $$ DefaultDependencies b false 0 </dev/null >/dev/null 2>&1
fi
trap '' HUP
# nobody can come in by that line again (it is claimed): it goes while the guest's memory comes, which leaves more time than xl's start
(sleep 5; sh ./unlock) </dev/null >/dev/null 2>&1 &
unlocking=$!
# Whether the guest runs here: only one that was started has its own name.
came() {
  IFS= read -r uuid <guest && [ -n "$uuid" ] || return 1
  for one in $(xenstore-list /local/domain 2>/dev/null); do
    [ "$(xenstore-read "/local/domain/$one/vm" 2>/dev/null)" = "/vm/$uuid" ] || continue
    case $(xenstore-read "/local/domain/$one/name" 2>/dev/null) in '' | *--incoming) ;; *) return 0 ;; esac
  done
  return 1
}
xl migrate-receive
how=$?
# with nobody left to tell it to, xl says that it failed although it has started the guest
[ $how -eq 0 ] || ! came || how=0
kill "$unlocking" 2>/dev/null # what it has begun goes on, under the lock of that file
# the guest runs here now: its config and autostart belong here, whoever is still listening
if [ $how -eq 0 ]; then said=$(sh ./install "${PWD##*/}") || echo "xenferry: the config was not installed: $said" >&2; fi
# and the leases beside its images
if [ $how -eq 0 ] && [ -e lease ]; then sh ./lease over >/dev/null 2>&1 </dev/null; fi
sh ./unlock </dev/null >/dev/null 2>&1 # had it not come so far
echo $how >exit.new && mv exit.new exit
exit $how
