#!/bin/sh
# create-check NAME CONFIG AUTO BRIDGE KIND DISK FROM [FILE…]   looks whether a guest could be made; the config is on stdin. Changes nothing.
#   KIND, DISK, FROM as for create; FILE… must be there to be read (kernel, ramdisk, ISO, a disk used as it is)
# It says, a line each:
#   memory MIB             free for guests
#   taken name|config|auto|disk
#   bridge missing
#   space MIB              free where the disk would go; -1: there is no such place
#   from FORMAT BYTES ALLOCATED   of the image; FORMAT none: can't be read
#   file yes|no PATH       for each FILE
#   tool no                qemu-img is missing
#   begin xl … end xl EXIT what the dry run says on standard error
#   ok
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
name=$1 config=$2 auto=$3 bridge=$4 kind=$5 disk=$6 from=$7
shift 7
xl info 2>/dev/null | sed -n 's/^free_memory *: */memory /p'
if xl domid "$name" >/dev/null 2>&1; then echo "taken name"; fi
if [ -e "$config" ] || [ -L "$config" ]; then echo "taken config"; fi
if [ -n "$auto" ] && { [ -e "$auto" ] || [ -L "$auto" ]; }; then echo "taken auto"; fi
if [ -n "$bridge" ] && [ ! -d "/sys/class/net/$bridge/bridge" ] && ! ovs-vsctl br-exists "$bridge" 2>/dev/null; then
  echo "bridge missing"
fi
case $kind in
  raw | qcow2)
    if [ -e "$disk" ] || [ -L "$disk" ]; then echo "taken disk"; fi
    place=$(dirname "$disk")
    if [ -d "$place" ]; then
      df -Pk "$place" | { read -r _; read -r _ _ _ free _; echo "space $((${free:-0} / 1024))"; }
    else
      echo "space -1"
    fi
    ;;
  volume)
    if [ -n "$(lvs --noheadings -o lv_name "$disk" 2>/dev/null)" ]; then echo "taken disk"; fi
    free=$(vgs --noheadings --nosuffix --units m -o vg_free "${disk%%/*}" 2>/dev/null | sed 's/[ <>]//g; s/[.,].*//')
    echo "space ${free:--1}"
    ;;
esac
if [ -n "$from" ]; then
  if [ -b "$from" ] && [ -r "$from" ]; then
    bytes=$(blockdev --getsize64 "$from" 2>/dev/null)
    echo "from raw ${bytes:-0} ${bytes:-0}"
  elif [ -f "$from" ] && [ -r "$from" ]; then
    # a format is told by the first four bytes only; the size of a qcow2 image stands in bytes 24 to 31 of its head
    case $(od -An -tx1 -N4 "$from" | tr -d ' \n') in
      514649fb)
        hex=$(od -An -tx1 -j24 -N8 "$from" | tr -d ' \n')
        echo "from qcow2 $((0x$hex)) $(($(stat -Lc %b "$from") * 512))"
        ;;
      *) echo "from raw $(stat -Lc '%s' "$from") $(($(stat -Lc %b "$from") * 512))" ;;
    esac
  else
    echo "from none 0 0"
  fi
fi
for file in "$@"; do
  if [ -r "$file" ] && [ ! -d "$file" ]; then printf 'file yes %s\n' "$file"; else printf 'file no %s\n' "$file"; fi
done
command -v qemu-img >/dev/null 2>&1 || echo "tool no"
# xl reads a real file only; it stands where nothing looks for configs, as long as this takes
folder=$(mktemp -d /tmp/xenferry.XXXXXX) || { echo "failed folder"; exit 1; }
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' TERM HUP INT PIPE
cat >"$folder/guest.cfg"
xl create -n "$folder/guest.cfg" >/dev/null 2>"$folder/said"
how=$?
echo "begin xl"
sed 's/^/|/' "$folder/said" 2>/dev/null
echo "end xl $how"
echo ok
