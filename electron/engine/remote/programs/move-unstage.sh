#!/bin/sh
# move-unstage ID [drop UUID]   on the target: takes out the key's line and the folder of a move, unless it is receiving now ("failed
# receiving"). Disks that were set aside here once and taken back for it are let go, or laid down again where the guest did not come.
# With "drop": the guest UUID did not come, and what was made here for its disks goes too; refused ("failed came") where it came, or any
# domain of it is here.
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
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
# Whether any domain of UUID is here; where nobody can tell, one may be.
is_here() {
  domids=$(xenstore-list /local/domain 2>/dev/null) || return 0
  for domid in $domids; do [ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null)" != "/vm/$1" ] || return 0; done
  return 1
}
# Ends what a process has started, and what that has.
end_below() {
  for child in "${XENFERRY_PROC:-/proc}"/[0-9]*/stat; do
    read -r stat 2>/dev/null <"$child" || continue
    child=${child%/stat}
    # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the second is the parent
    set -- "$1" ${stat##*) }
    [ "$3" = "$1" ] || continue
    (end_below "${child##*/}")
    kill "${child##*/}"
  done
}
if [ ! -e "$in/exit" ] && read -r staged <"$in/boot" && [ "$staged" = "$boot" ] && alive "$in/pid"; then
  # its source has gone, and nothing comes any more: what still reads for it ends, where no domain of the guest is. The receiver tells the rest.
  if [ "${2-}" = drop ] && ! is_here "$3"; then end_below "$pid"; fi
  echo "failed receiving"
  exit 1
fi
if alive "$in/pid.disks"; then
  read -r pid _ <"$in/pid.disks"
  kill "$pid"
  echo "failed receiving"
  exit 1
fi
# who was killed could not let go of what shows its qcow2 files; after another start of this host the device is somebody else's
if read -r staged 2>/dev/null <"$in/boot" && [ "$staged" = "$boot" ]; then
  for shows in "$in"/nbd.*; do
    [ -e "$shows" ] && read -r device pid <"$shows" && [ -n "$pid" ] || continue
    if read -r now 2>/dev/null <"/sys/block/${device##*/}/pid" && [ "$now" = "$pid" ]; then qemu-nbd -d "$device" >/dev/null 2>&1; fi
  done
fi
if [ -e "$in/made" ]; then
  cd "$in" || exit 1
  # shellcheck source=electron/engine/remote/programs/create-undo.sh
  . ./undo
  how=
  [ ! -e exit ] || read -r how <./exit
  came=yes
  if [ "$how" != 0 ] && [ ! -e installed ]; then
    # a list that fails says nothing of who is here
    if ! xl vm-list >/dev/null 2>&1; then came=unknown; elif [ -z "$(domid_of "${3:-$(cat guest 2>/dev/null)}")" ]; then came=; fi
  fi
  if [ "${2-}" = drop ]; then
    if [ "$came" ]; then echo "failed came"; exit 1; fi
    undo >left
  elif [ -z "$came" ] && grep -q '^base ' made; then
    lay_down_bases >left
  else
    : >left
  fi
  if grep -q '^left ' left; then sed -n 's/^left /failed left /p' left; exit 1; fi
  if [ "${2-}" != drop ]; then
    if [ "$came" = unknown ] && grep -q '^base ' made; then echo "failed domains"; exit 1; fi
    name_left >/dev/null
  fi
fi
if alive "$in/pid.door"; then kill "$pid"; fi
[ ! -e "$in/unlock" ] || sh "$in/unlock"
rm -rf "$in"
echo ok
