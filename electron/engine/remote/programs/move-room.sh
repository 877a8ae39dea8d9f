#!/bin/sh
# move-room   room MIB: what is free where the files of jobs and moves lie, a guest's memory among them · ok
set -u
root=${XENFERRY_ROOT:-/var/lib/xenferry}
while [ ! -d "$root" ]; do root=${root%/*}; done
df -Pk "${root:-/}" | awk 'NR == 2 { printf "room %.0f\nok\n", $4 / 1024 - 0.5 }'
