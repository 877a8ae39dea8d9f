#!/bin/sh
# move-files PATH...   what a guest needs, as this host sees it: is it the same thing that another host sees?
#   at N WHAT…  for the N-th path:
#     volume VGUUID LVUUID ACTIVE(yes|no) BYTES GROUP/NAME
#     device ID           a block device with an identity of its own (wwn, serial, or uuid)
#     file INODE SIZE[/VIRTUAL] FSTYPE SOURCE    SOURCE: the device or server:/path it is mounted from; VIRTUAL: of the disk in a qcow2 file
#     unknown | missing
#   ok
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
nth=0
volume() {
  lvs --noheadings --units b --nosuffix --separator '|' -o vg_uuid,lv_uuid,lv_active,lv_size,vg_name,lv_name "$1" 2>/dev/null </dev/null |
    awk -F '|' 'NF == 6 { sub(/^ */, ""); print "volume", $1, $2, ($3 == "active" ? "yes" : "no"), $4, $5 "/" $6 }'
}
for path in "$@"; do
  said=
  case $path in
    /dev/mapper/*-*) said=$(volume "$path") ;;
    /dev/*/*) case $path in /dev/disk/* | /dev/zvol/*) ;; *) said=$(volume "${path#/dev/}") ;; esac ;;
  esac
  if [ -z "$said" ] && [ -b "$path" ]; then
    wwn=$(lsblk -dno WWN,SERIAL "$path" 2>/dev/null | tr -s ' ' ' ' | sed 's/^ //;s/ $//;s/ /_/g')
    [ -n "$wwn" ] || wwn=$(blkid -s UUID -o value "$path" 2>/dev/null)
    if [ -n "$wwn" ]; then said="device $wwn"; else said=unknown; fi
  elif [ -z "$said" ] && [ -f "$path" ]; then
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
