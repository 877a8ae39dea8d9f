#!/bin/sh
# move-unstage ID   on the target: takes out the key's line and the folder of a move, unless it is receiving now ("failed receiving")
set -u
root=${XENFERRY_ROOT:-/var/lib/xenferry}
in=$root/incoming/$1
case $1 in */* | .* | '') echo "failed name"; exit 1 ;; esac
[ -d "$in" ] || { echo ok; exit 0; }
if [ ! -e "$in/exit" ] && [ -e "$in/pid" ] && read -r pid <"$in/pid" && read -r theirs <"$in/boot" &&
  read -r boot </proc/sys/kernel/random/boot_id && [ "$boot" = "$theirs" ] && [ -d "/proc/$pid" ]; then
  echo "failed receiving"
  exit 1
fi
[ ! -e "$in/unlock" ] || sh "$in/unlock"
rm -rf "$in"
echo ok
