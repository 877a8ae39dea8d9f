#!/bin/sh
# move-files PATH...   what a guest needs, as this host sees it: is it the same thing that another host sees?
#   at N WHAT…  for the N-th path:
#     volume VGUUID LVUUID ACTIVE(yes|no) BYTES UNDER GROUP/NAME    UNDER: the hardware it lies on, comma between, or - where that can't be told
#     device ID [LACKS]   a block device with an identity of its own (wwn, serial, DRBD resource); LACKS: secondary|apart|stale, of DRBD
#     file INODE SIZE[/VIRTUAL] FSTYPE SOURCE    SOURCE: the device or server:/path it is mounted from; VIRTUAL: of the disk in a qcow2 file
#     unknown | missing
#   ok
# Needs disk-identity in front.
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
nth=0 under='' own=''
volume() {
  lvs --noheadings --units b --nosuffix --separator '|' -o vg_uuid,lv_uuid,lv_active,lv_size,vg_name,lv_name "$1" 2>/dev/null </dev/null |
    awk -F '|' 'NF == 6 { sub(/^ */, ""); print "volume", $1, $2, ($3 == "active" ? "yes" : "no"), $4, "UNDER", $5 "/" $6 }'
}
for path in "$@"; do
  said=
  case $path in
    /dev/mapper/*-*) said=$(volume "$path") ;;
    /dev/*/*) case $path in /dev/disk/* | /dev/zvol/*) ;; *) said=$(volume "${path#/dev/}") ;; esac ;;
  esac
  if [ -n "$said" ]; then
    group=${said##* }
    if [ -b "$path" ]; then
      real=$(readlink -f "$path")
      lies_on "/sys/class/block/${real##*/}"
    else
      group_lies_on "${group%%/*}"
    fi
    said="${said%% UNDER *} $under $group"
  elif [ -b "$path" ]; then
    number=$(stat -L -c '%t %T' "$path")
    number=$((0x${number% *})):$((0x${number#* }))
    identify "$number"
    case $own in
      -) said=unknown ;;
      drbd*) said="device $own $(drbd_lacks "${number#*:}")" ;;
      *) said="device $own" ;;
    esac
  elif [ -f "$path" ]; then
    read -r inode size <<END
$(stat -L -c '%i %s' "$path")
END
    mount=$(findmnt -n -o FSTYPE,SOURCE -T "$(readlink -f "$path")" 2>/dev/null | tail -n 1 | tr -s ' ' ' ')
    virtual=
    case $(od -An -tx1 -N4 "$path" | tr -d ' ') in
      514649fb) virtual=$(od -An -tu1 -j24 -N8 "$path" | awk '{ for (i = 1; i <= NF; i++) s = s * 256 + $i } END { printf "/%.0f", s }') ;;
    esac
    said="file $inode $size$virtual ${mount:-unknown unknown}"
  fi
  echo "at $nth ${said:-missing}"
  nth=$((nth + 1))
done
echo ok
