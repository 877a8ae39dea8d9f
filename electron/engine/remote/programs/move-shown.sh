#!/bin/sh
# shown VERB [DOMID]   qcow2 files of a guest as block devices, so that they are read like its other disks. Lies in the job's folder.
#   open DOMID   shows each disk of the file "qcow2" (N<tab>PATH); its device stands in "at.N" then. DOMID may be empty: nobody writes
#   anew DOMID   what QEMU still holds back is written, and the devices are opened afresh: they show all that the guest wrote before
#   close        takes them away; may be repeated
# Exit 1 and "failed WHY" where one can't be shown. Only ever read. (QEMU could say itself what changed, through a server for NBD in the
# guest's own QEMU; it was tried, and that server ended with the guest's disk: docs/decisions/0030.)
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
cd "${0%/*}" || exit 1
tab='	'
# the server outlives us: it must hold neither the link nor a lock of whoever called
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
failed() {
  echo "failed $*"
  exit 1
}
# What was written before is in the file after this. A QEMU that does not know the file is not the one that writes it.
flush() { # DOMID PATH
  [ -n "$1" ] || return 0
  nodes=$(xl qemu-monitor-command "$1" 'info block' 2>/dev/null | awk -v path="$2" 'index($0, ": " path " (") { sub(/:$/, "", $1); print $1 }')
  [ -n "$nodes" ] || failed show "$2"
  for node in $nodes; do
    case $(xl qemu-monitor-command "$1" "qemu-io $node flush" 2>&1) in *[Ee]rror*) failed flush "$2" ;; esac
  done
}
attach() { # N PATH
  modprobe nbd 2>/dev/null
  for device in /dev/nbd*; do
    case ${device##*/} in *p[0-9]*) continue ;; esac
    read -r blocks 2>/dev/null <"/sys/block/${device##*/}/size" && [ "$blocks" = 0 ] || continue
    # whoever writes it may hold its lock; a comma in a name is written twice
    qemu-nbd --read-only --connect="$device" --image-opts \
      "driver=qcow2,force-share=on,file.driver=file,file.filename=$(printf %s "$2" | sed 's/,/,,/g')" >/dev/null 2>said || continue
    echo "$device" >"at.$1"
    served "$device" >"nbd.$1"
    return 0
  done
  failed show "$2"
}
# Who serves a device, "BOOT PID"; no PID where the kernel does not tell.
served() { # DEVICE
  read -r boot </proc/sys/kernel/random/boot_id
  tries=0 pid=
  while ! read -r pid 2>/dev/null <"/sys/block/${1##*/}/pid" && [ "$tries" -lt 5 ]; do
    tries=$((tries + 1))
    sleep 0.1 2>/dev/null || sleep 1
  done
  echo "$boot $pid"
}
detach() { # N
  [ -e "at.$1" ] && read -r device <"at.$1" || return 0
  # somebody else's by now, as after another start of this host
  if read -r theirs was 2>/dev/null <"nbd.$1"; then
    now=$(served "$device")
    if [ "${now%% *}" != "$theirs" ] || { [ "$was" ] && [ "${now#* }" != "$was" ]; }; then
      rm -f "at.$1" "nbd.$1"
      return 0
    fi
  fi
  qemu-nbd --disconnect "$device" >/dev/null 2>&1
  # the kernel lets go of it a moment later
  tries=0
  while read -r blocks 2>/dev/null <"/sys/block/${device##*/}/size" && [ "$blocks" != 0 ] && [ "$tries" -lt 50 ]; do
    tries=$((tries + 1))
    sleep 0.1 2>/dev/null || sleep 1
  done
  rm -f "at.$1" "nbd.$1"
}
[ -e qcow2 ] || exit 0
while IFS=$tab read -r n path; do
  case $1 in
    open | anew)
      flush "${2-}" "$path" </dev/null
      detach "$n" </dev/null
      attach "$n" "$path" </dev/null
      ;;
    close) detach "$n" </dev/null ;;
  esac
done <qcow2
