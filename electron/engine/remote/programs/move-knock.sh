#!/bin/sh
# knock   what the one-shot key of a move that waited allows at first, at the target: looks whether the guest may come now as it was
# found when the move was made ready. If so, the key's line becomes the one of any other move. Once; what it says is heard by the source.
# Beside it: name; needs (MiB that must be free); volumes to be activated, GROUP/NAME a line. stdin, for each disk that both hosts see:
#   block BYTES PATH · file - PATH
# Answers ready, or: failed elsewhere NAME | failed memory MIB | failed taken FILE | failed disk PATH | failed keys
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
cd "$(dirname "$0")" || exit 1
mkdir claimed-knock 2>/dev/null || { echo "xenferry: this key was used already" >&2; exit 1; }
sh ./unlock </dev/null >/dev/null
refuse() {
  echo "failed $*"
  exit 0
}
IFS= read -r name <name
read -r uuid <guest
read -r needs <needs
for one in $(xenstore-list /local/domain 2>/dev/null </dev/null); do
  [ "$one" != 0 ] || continue
  there=$(xenstore-read "/local/domain/$one/name" 2>/dev/null </dev/null)
  if [ "$there" = "$name" ] || [ "$(xenstore-read "/local/domain/$one/vm" 2>/dev/null </dev/null)" = "/vm/$uuid" ]; then
    refuse elsewhere "$there"
  fi
done
free=$(xl info 2>/dev/null </dev/null | awk '$1 == "free_memory" { print $3 }')
[ "${free:-0}" -ge "$needs" ] || refuse memory $((needs - ${free:-0}))
if [ -e where-config ] && IFS= read -r config <where-config && [ -e "$config" ]; then
  cmp -s "$config" config || refuse taken "$config"
fi
while IFS= read -r volume; do
  lvchange -ay "$volume" >/dev/null 2>&1 </dev/null || refuse disk "$volume"
done <volumes
while read -r kind size path; do
  case $kind in
    block) [ -b "$path" ] && [ "$(blockdev --getsize64 "$path" 2>/dev/null </dev/null)" = "$size" ] || refuse disk "$path" ;;
    *) [ -f "$path" ] || refuse disk "$path" ;;
  esac
done
first=
[ ! -e disks ] || first=disks
sh ./admit $first >/dev/null </dev/null || refuse keys
echo ready
