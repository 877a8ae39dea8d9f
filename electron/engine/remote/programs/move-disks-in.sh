#!/bin/sh
# disks-in   the target's half of moving a guest's own disks. Lies in the folder of a move as `disks-in`, beside `undo` (create-undo.sh)
# and `disks`: N<tab>KIND<tab>DEST[<tab>OLD] for each disk (KIND raw, qcow2: a file; volume: DEST is VG/LV). OLD: it begins as the disk
# of the same guest that an earlier move set aside here in trash/OLD. It is told, a line each:
#   chunk BYTES · disk N SIZE    what will come              make     makes the disks: "made N…", N those that began as an old one
#   put N FIRST COUNT            so many chunks follow at once; the last one of a disk may be shorter
#   flush                        "flushed" when all of it is on the disk
#   digest N FIRST COUNT         "digest SHA256" of so many chunks together, as they read back
#   admit                        lets the guest's memory come, for ten minutes: "admitted"
#   install 0|1|2|3              lets the disks go and puts the guest's config in its place: "installed"; with 1 also starts it from
#                                there, even if the link has gone meanwhile: "started", or "failed returned WHY" where it could not be,
#                                no domain of it is here, and its config has gone from here again; with 2 or 3 it is restored from the
#                                file "memory" that came with its disks: as it was saved, or by that config
#   close                        "closed": nothing of ours holds the disks any more
# or says "failed WHY". What it makes is noted in `made` before it is made, and goes again with move-unstage, unless the guest came.
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
cd "$(dirname "$0")" || exit 1
id=${PWD##*/}
tab='	'
give_up() { # the name that create-undo knows
  printf 'failed %s\n' "$(tr '\n' ' ' <said 2>/dev/null)"
  exit 1
}
# shellcheck source=electron/engine/remote/programs/create-undo.sh
. ./undo
: >said
bad() {
  echo "$*" >said
  give_up
}
trap 'detach' EXIT
trap 'exit 1' HUP INT TERM PIPE

lock=
detach() {
  [ -z "$lock" ] || rm -f "$lock"
  for at in at.*; do
    [ -e "$at" ] && IFS= read -r where <"$at" || continue
    case $where in /dev/nbd*) qemu-nbd -d "$where" >/dev/null 2>&1 ;; esac
  done
}
# a free /dev/nbdN, through which a qcow2 file is written as what the guest sees
attach() {
  modprobe nbd 2>/dev/null
  for device in /dev/nbd*; do
    case ${device##*/} in *p[0-9]*) continue ;; esac
    [ "$(cat "/sys/block/${device##*/}/size" 2>/dev/null)" = 0 ] || continue
    # the guest's own QEMU opens the file before we let go of it; a comma in a name is written twice
    qemu-nbd -c "$device" --cache=writeback --image-opts \
      "driver=qcow2,file.driver=file,file.locking=off,file.filename=$(printf %s "$1" | sed 's/,/,,/g')" 2>said && return 0
  done
  [ -s said ] || echo "no /dev/nbd is free" >said
  give_up
}
# What was free when the move was planned may be taken by now; files of this move that share a file system share its room.
has_room() { # FOLDER SIZE
  device=$(stat -c %d "$1") free=$(df -Pk "$1" 2>/dev/null | awk 'NR == 2 { printf "%.0f", $4 / 1024 }')
  echo "$device $2" >>rooms
  needs=$(awk -v device="$device" '$1 == device { s += $2 } END { printf "%.0f", s / 1048576 }' rooms)
  [ -z "$free" ] || [ "$needs" -le "$free" ] || bad "$1: $((needs - free)) MiB short"
}
make_file() { # KIND DEST SIZE
  part=$(dirname "$2")/.xenferry-$id-$n.part
  made part "$part"
  mkdir -p "$(dirname "$2")" 2>said || give_up
  has_room "$(dirname "$2")" "$3"
  if [ "$1" = qcow2 ]; then
    # every place in the file is settled beforehand: whoever opens it early is never wrong about where things lie
    qemu-img create -q -f qcow2 -o preallocation=metadata "$part" "$3" 2>said || give_up
  else
    truncate -s "$3" "$part" 2>said || give_up
  fi
  made "file $(stat -c %i "$part")" "$2"
  ln "$part" "$2" 2>said || give_up
  rm -f "$part"
}
# lvcreate rounds up to whole extents. What lies beyond the disk's size is of whoever had that room before, and the guest would see it.
clean_rest() { # DEVICE SIZE
  whole=$(blockdev --getsize64 "$1" 2>said) || give_up
  from=$2
  while [ "$from" -lt "$whole" ]; do
    if [ $((from % chunk)) -eq 0 ] && [ $((whole - from)) -ge "$chunk" ]; then
      step=$chunk to=$((whole - whole % chunk))
    else
      step=512 to=$(((from / chunk + 1) * chunk))
      [ "$to" -le "$whole" ] || to=$whole
    fi
    dd if=/dev/zero of="$1" bs="$step" seek=$((from / step)) count=$(((to - from) / step)) conv=notrunc 2>said || give_up
    from=$to
  done
}
# The lock under which an entry of the trash is put back.
hold() {
  mkdir -p ../../locks && exec 9>>"../../locks/$1"
  # shellcheck disable=SC3013 # dash and busybox know -ef
  if ! flock -n 9 || ! [ "../../locks/$1" -ef "/proc/$$/fd/9" ]; then bad "$path: the trash is in use"; fi
  lock=../../locks/$1
}
let_go() {
  rm -f "$lock"
  lock=
  exec 9>&-
}
# Before anything is written to it, its entry says that it is no whole disk any more (`base`), and so can't be put back.
mark_base() { # PATH
  while IFS=$tab read -r word from to; do
    case $word in file | volume) [ "$from" != "$1" ] || word=base ;; esac
    printf '%s\t%s\t%s\n' "$word" "$from" "$to"
  done <"$bin/manifest" >"$bin/manifest.new"
  [ "$(wc -l <"$bin/manifest.new")" = "$(wc -l <"$bin/manifest")" ] || bad "write $bin/manifest"
  sync "$bin/manifest.new" 2>/dev/null || sync
  mv "$bin/manifest.new" "$bin/manifest" 2>said || give_up
}
take_old() { # OLD KIND DEST SIZE
  case $1 in *[!A-Za-z0-9._-]* | '' | .*) bad "name $1" ;; esac
  bin=../../trash/$1 path=$3 lay='' held=''
  [ "$2" != volume ] || path=/dev/$3
  [ -f "$bin/manifest" ] || bad "$path: what was set aside is not there as it was"
  while IFS=$tab read -r word from to; do
    case $word in
      lock) held=$from ;;
      file | volume | base) [ "$from" != "$path" ] || lay=$to ;;
    esac
  done <"$bin/manifest"
  case $held in *[!A-Za-z0-9._-]* | '' | .*) bad "lock $held" ;; esac
  hold "$held"
  if [ "$2" = volume ]; then take_old_volume "$1" "${3%%/*}" "$4"; else take_old_file "$1" "$4"; fi
  let_go
}
take_old_file() { # OLD SIZE
  [ -f "$lay" ] && [ ! -L "$lay" ] && [ "$(stat -c %s "$lay")" = "$2" ] || bad "$path: what was set aside is not there as it was"
  [ -z "$(losetup -j "$lay" 2>/dev/null)" ] || bad "$lay: in use"
  if [ -e "$path" ] || [ -L "$path" ]; then bad "$path: File exists"; fi
  mark_base "$path"
  made "base $1 $(stat -c %i "$lay")" "$path"
  ln "$lay" "$path" 2>said || give_up
  rm -f "$lay"
}
take_old_volume() { # OLD VG SIZE
  lvchange -ay "$lay" >/dev/null 2>said </dev/null 9>&- || give_up
  [ "$(blockdev --getsize64 "$lay" 2>/dev/null)" = "$3" ] || bad "$path: what was set aside is not there as it was"
  case $(lvs --noheadings -o lv_device_open "$lay" 2>/dev/null) in *open*) bad "$lay: in use" ;; esac
  mark_base "$path"
  made "base $1 xenferry-$id" "$path"
  lvchange --addtag "xenferry-$id" "$lay" >/dev/null 2>said </dev/null 9>&- &&
    lvrename "$2" "${lay##*/}" "${path##*/}" >/dev/null 2>said </dev/null 9>&- || give_up
}
make() {
  olds=
  while IFS=$tab read -r n kind dest old; do
    read -r size <"size.$n" || bad "no size of disk $n"
    if [ "$old" ]; then
      take_old "$old" "$kind" "$dest" "$size"
      printf '%s\n' "$path" >"at.$n"
      olds="$olds $n"
      continue
    fi
    case $kind in
      volume)
        made "volume xenferry-$id" "$dest"
        lvcreate -y -Wn -Zn -L "${size}b" -n "${dest#*/}" --addtag "xenferry-$id" "${dest%%/*}" >/dev/null 2>said </dev/null || give_up
        clean_rest "/dev/$dest" "$size"
        echo "/dev/$dest" >"at.$n"
        ;;
      raw | qcow2)
        make_file "$kind" "$dest" "$size"
        if [ "$kind" = qcow2 ]; then
          attach "$dest"
          echo "$device" >"at.$n"
          # for whoever comes after us when we were killed (move-unstage)
          tries=0 pid=
          while ! read -r pid 2>/dev/null <"/sys/block/${device##*/}/pid" && [ "$tries" -lt 5 ]; do
            tries=$((tries + 1))
            sleep 0.1 2>/dev/null || sleep 1
          done
          echo "$device $pid" >"nbd.$n"
        else
          printf '%s\n' "$dest" >"at.$n"
        fi
        ;;
      *) bad "kind $kind" ;;
    esac
  done <disks
  echo "made$olds"
}
where_of() {
  IFS= read -r where <"at.$1" && read -r size <"size.$1" || bad "disk $1"
}
put() { # N FIRST COUNT
  where_of "$1"
  bytes=$((size - $2 * chunk))
  [ "$bytes" -le $(($3 * chunk)) ] || bytes=$(($3 * chunk))
  full=$((bytes / chunk)) rest=$((bytes % chunk / 512))
  if [ "$full" -gt 0 ]; then dd bs="$chunk" count="$full" iflag=fullblock seek="$2" conv=notrunc of="$where" 2>said || give_up; fi
  if [ "$rest" -gt 0 ]; then
    dd bs=512 count="$rest" iflag=fullblock seek=$((($2 + full) * chunk / 512)) conv=notrunc of="$where" 2>said || give_up
  fi
}
flush() {
  for at in at.*; do
    IFS= read -r where <"$at"
    # what the disk refused only now is a failure; and what is compared next is read from it, not from what is remembered
    dd if=/dev/null of="$where" bs=1 count=0 conv=notrunc,fsync 2>said || give_up
    [ -b "$where" ] || dd if="$where" of=/dev/null iflag=nocache count=0 2>/dev/null
  done
  echo flushed
}
digest() { # N FIRST COUNT
  where_of "$1"
  direct= # from the disk, not from what is remembered of it
  [ ! -b "$where" ] || direct=iflag=direct
  bytes=$((size - $2 * chunk)) # a volume may be longer than its disk
  # of the last chunk only what is the disk's; a pipe more only for that one
  sum=$(dd if="$where" bs="$chunk" skip="$2" count="$3" $direct 2>/dev/null |
    if [ "$bytes" -lt $(($3 * chunk)) ]; then head -c "$bytes" | sha256sum; else sha256sum; fi)
  echo "digest ${sum%% *}"
}
install() {
  # from here on it belongs here: what was begun is done whether or not anybody still listens, or asks us to go (move-unstage, which asks
  # again). TERM is heard, or the guest's processes would never hear it.
  trap '' HUP PIPE
  trap ':' TERM
  detach
  rm -f at.* nbd.*
  sync
  answer=$(sh ./install "$id") || bad "${answer#failed }"
  echo installed
  [ "$1" = 0 ] || start "$1"
  trap 'exit 1' TERM
}
# What `install` has put in its place goes again: the source has everything still, and starts it. Cut off in between, `install` may be
# repeated (move-install): until the source has taken its word back, it belongs here.
gives_back() {
  IFS= read -r uuid <guest && [ -n "$uuid" ] && domids=$(xenstore-list /local/domain 2>/dev/null) || return 1
  for domid in $domids; do [ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null)" != "/vm/$uuid" ] || return 1; done
  cmp -s config "$config" || return 1
  if [ -e where-auto ] && IFS= read -r auto <where-auto && IFS= read -r text <auto && [ "$(readlink "$auto")" = "$text" ]; then rm -f "$auto"; fi
  rm -f installed "$config"
  sync
}
# a service of its own: xl's monitor and QEMU must not end with the SSH session
start() {
  IFS= read -r config <where-config || bad "no config"
  case $1 in
    2) set -- xl restore "$PWD/memory" ;;
    3) set -- xl restore "$config" "$PWD/memory" ;;
    *) set -- xl create "$config" ;;
  esac
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
    set -- systemd-run --quiet --collect --pipe --wait --unit="xenferry-start-$id" -p KillMode=process "$@"
  fi
  if ! "$@" </dev/null >said 2>&1; then
    gives_back || give_up
    printf 'failed returned %s\n' "$(tr '\n' ' ' <said)"
    return
  fi
  # its images' leases say from now on that it runs here
  [ ! -e lease ] || sh ./lease over >/dev/null 2>&1 </dev/null
  rm -f memory
  echo started
}

while read -r word n first count; do
  # the shell would count with it: nothing but figures
  case $n$first$count in *[!0-9]*) bad "word $word" ;; esac
  case $word in
    chunk) chunk=$n ;;
    disk) echo "$first" >"size.$n" ;;
    make) make ;;
    put) put "$n" "$first" "$count" ;;
    flush) flush ;;
    digest) digest "$n" "$first" "$count" ;;
    install) install "${n:-0}" ;;
    admit) if sh ./admit; then echo admitted; else bad admit; fi ;;
    close)
      detach
      sync
      echo closed
      exit 0
      ;;
    *) bad "word $word" ;;
  esac
done
exit 1
