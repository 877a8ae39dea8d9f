#!/bin/sh
# move-leftover UUID NAME   destroys the domain with this UUID and exactly this name (NAME ends in --incoming or --migratedaway), if it is
# paused; and ends nothing else. Answers: gone DOMID · ok, or failed running
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
uuid=$1 name=$2
case $name in *--incoming | *--migratedaway) ;; *) echo "failed name"; exit 1 ;; esac
for domid in $(xenstore-list /local/domain 2>/dev/null); do
  [ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null)" = "/vm/$uuid" ] || continue
  [ "$(xenstore-read "/local/domain/$domid/name" 2>/dev/null)" = "$name" ] || continue
  state=$(xl list "$domid" 2>/dev/null | awk 'END { print $(NF - 1) }')
  case $state in
    ??p*) xl destroy "$domid" && echo "gone $domid" ;;
    *) echo "failed running"; exit 1 ;;
  esac
done
echo ok
