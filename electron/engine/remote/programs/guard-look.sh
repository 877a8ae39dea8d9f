#!/bin/sh
# guard-look [PATH…]   which disks these are, so that two hosts, or two paths, can be told to mean the same one; and who says it uses them
#   machine ID · boot ID      of this host
#   at N WHAT…                of the N-th path:
#     volume UUID             a logical volume, without hyphens      device ID    a block device by its own identity
#     file INODE SIZE FSTYPE SOURCE      unknown | missing
#   begin lease N, lines with | in front, end lease N       the lease beside that file
#   ok
# Of a volume that is active the kernel knows the UUID: no lvs is started for those of guests that run.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

machine='' boot=''
read -r machine 2>/dev/null </etc/machine-id || read -r machine 2>/dev/null </sys/class/dmi/id/product_uuid
read -r boot </proc/sys/kernel/random/boot_id
echo "machine $machine"
echo "boot $boot"

# /dev/GROUP/NAME that is not active
sleeping() {
  case $1 in
    /dev/disk/* | /dev/zvol/*) return 1 ;;
    /dev/mapper/*-* | /dev/*/*) ;;
    *) return 1 ;;
  esac
  uuid=$(timeout 20 lvs --noheadings -o lv_uuid "$1" 2>/dev/null </dev/null | tr -d ' -')
  [ -n "$uuid" ] && said="volume $uuid"
}

# a block device: MAJOR MINOR in hex
device() {
  sys=/sys/dev/block/$((0x$1)):$((0x$2))
  own='' part=''
  if read -r own 2>/dev/null <"$sys/dm/uuid"; then
    case $own in
      LVM-*)
        own=${own#LVM-}
        own=${own%%-*}
        said="volume ${own#????????????????????????????????}" # behind the group's
        return
        ;;
    esac
  else
    whole=$sys
    if read -r part 2>/dev/null <"$sys/partition"; then whole=$(readlink -f "$sys")/..; fi
    read -r own 2>/dev/null <"$whole/wwid" || read -r own 2>/dev/null <"$whole/device/wwid" || read -r own 2>/dev/null <"$whole/serial"
  fi
  own=$(printf '%s' "$own" | tr -s ' ' '_')
  if [ -n "$own" ]; then said="device $own${part:+#$part}"; else said=unknown; fi
}

nth=0
for path in "$@"; do
  said='' lease=''
  what=$(stat -L -c '%F|%t|%T|%i|%s' -- "$path" 2>/dev/null)
  kind=${what%%|*}
  rest=${what#*|}
  case $kind in
    'block special file')
      rest=${rest%|*|*}
      device "${rest%|*}" "${rest#*|}"
      ;;
    'regular file' | 'regular empty file')
      rest=${rest#*|*|}
      real=$(readlink -f -- "$path")
      mount=$(findmnt -n -o FSTYPE,SOURCE -T "$real" 2>/dev/null | tail -n 1 | tr -s ' ' ' ')
      said="file ${rest%|*} ${rest#*|} ${mount:-unknown unknown}"
      lease=${real%/*}/.${real##*/}.xenferry-lease
      ;;
    '') sleeping "$path" ;;
    *) said=unknown ;;
  esac
  echo "at $nth ${said:-missing}"
  if [ -n "$lease" ] && [ -f "$lease" ]; then
    echo "begin lease $nth"
    head -c 4000 "$lease" 2>/dev/null | head -n 20 | sed 's/^/|/'
    echo "end lease $nth"
  fi
  nth=$((nth + 1))
done
echo ok
