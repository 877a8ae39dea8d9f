#!/bin/sh
# guard-look [PATH…]   which disks these are, so that two hosts, or two paths, can be told to mean the same one; and who says it uses them
#   machine ID · boot ID      of this host
#   at N WHAT…                of the N-th path:
#     volume UUID UNDER       a logical volume, without hyphens, and the hardware under it, comma between (- where that can't be told)
#     device ID               a block device by its own identity
#     file INODE SIZE FSTYPE SOURCE      unknown | missing
#   begin lease N, lines with | in front, end lease N       the lease beside that file
#   ok
# Needs disk-identity in front. Of a volume that is active the kernel knows the UUID: no lvs is started for those of guests that run.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

machine='' boot='' under=''
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
  read -r uuid group <<END
$(timeout 20 lvs --noheadings -o lv_uuid,vg_name "$1" 2>/dev/null </dev/null)
END
  [ -n "$uuid" ] || return
  group_lies_on "$group"
  said="volume $(printf '%s' "$uuid" | tr -d -) $under"
}

# a block device: MAJOR:MINOR
device() {
  own=''
  read -r own 2>/dev/null <"/sys/dev/block/$1/dm/uuid"
  case $own in
    LVM-*)
      own=${own#LVM-}
      own=${own%%-*}
      lvid=${own#????????????????????????????????} # behind the group's
      lies_on "/sys/dev/block/$1"
      said="volume $lvid $under"
      ;;
    *)
      identify "$1"
      if [ "$own" = - ]; then said=unknown; else said="device $own"; fi
      ;;
  esac
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
      device "$((0x${rest%|*})):$((0x${rest#*|}))"
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
