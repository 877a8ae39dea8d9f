#!/bin/sh
# create UUID CONFIG AUTO KIND DISK SIZEMIB FROM FORMAT START   a job: makes a guest, or leaves nothing behind
#   CONFIG   the config file to write; its text stands in the job's folder as "config"
#   AUTO     the autostart link to make, or nothing
#   KIND     none; raw or qcow2: DISK is the file to make; volume: DISK is VG/LV
#   FROM     image (of FORMAT raw or qcow2) that the disk is a copy of, or nothing
#   START    yes or no; behind it, for a lease beside its images (see lease): NAME [SEEN DISK]…
# It says: step WORD (disk, copy, config, autostart, start) · percent N · "|text" of others · undone PATH · left PATH
# and at last: ok · failed STEP · cancelled. Exit 0, 1, 9.
# No name that is taken is ever written over: a file is built under a name of ours and linked to its own.
set -u
umask 077
uuid=$1 config=$2 auto=$3 kind=$4 disk=$5 size=$6 from=$7 format=$8 start=$9
shift 9
# shellcheck source=electron/engine/remote/programs/create-undo.sh
. ./undo
id=$(basename "$PWD")
step=disk child=

say() {
  echo "step $1"
  step=$1
}
give_up() {
  [ ! -s said ] || tail -n 40 said | sed 's/^/|/'
  undo
  echo "failed $step"
  echo 1 >result
  exit 1
}
stopped() {
  [ -z "$child" ] || kill "$child" 2>/dev/null
  [ -z "$child" ] || wait "$child" 2>/dev/null
  undo
  echo cancelled
  echo 9 >result
  exit 9
}
trap stopped TERM
read -r stat </proc/$$/stat
echo "$$ $(echo "${stat##*) }" | cut -d ' ' -f 20)" >stop
# who cancels writes "cancel" before looking for "stop": none is missed
[ ! -e cancel ] || stopped

# gives a finished file its name, if that is still free: PART NAME
settle() {
  sync "$1" 2>/dev/null || :
  made "file $(stat -c %i "$1")" "$2"
  ln "$1" "$2" 2>said || give_up
  rm -f "$1"
}

# where a copy stands: percent of qemu-img, or the place of dd in its output
percent_of() {
  if [ "$1" = qemu-img ]; then
    tail -c 60 percent | tr '\r' '\n' | sed -n 's/.*(\([0-9]*\)[.0-9]*\/100%).*/\1/p' | tail -n 1
  else
    at=$(sed -n 's/^pos:[[:space:]]*//p' "/proc/$child/fdinfo/1" 2>/dev/null)
    [ "$total" -eq 0 ] || echo $((${at:-0} * 100 / total))
  fi
}

# copies FROM into a file or volume: OUTFORMAT TO, and a third word when TO is there already
copy() {
  say copy
  : >percent
  if command -v qemu-img >/dev/null 2>&1; then
    by=qemu-img
    qemu-img convert ${3:+-n} -p -f "$format" -O "$1" "$from" "$2" >percent 2>said &
  else
    by='dd'
    total=$(blockdev --getsize64 "$from" 2>/dev/null || stat -Lc %s "$from")
    dd if="$from" of="$2" bs=4194304 conv=notrunc >/dev/null 2>said &
  fi
  child=$!
  told=
  while kill -0 "$child" 2>/dev/null; do
    now=$(percent_of "$by")
    if [ -n "$now" ] && [ "$now" != "$told" ]; then
      told=$now
      echo "percent $now"
    fi
    sleep 1
  done
  wait "$child" || give_up
  child=
  echo "percent 100"
}

# room is really taken for a raw file where the file system can (fallocate), so that it can't run out later
make_file() {
  part=$(dirname "$disk")/.xenferry-$id.part
  made part "$part"
  if [ -n "$from" ]; then
    copy "$kind" "$part"
    say disk
  fi
  if [ "$kind" = qcow2 ]; then
    if [ -n "$from" ]; then set -- resize -q -f qcow2 "$part"; else set -- create -q -f qcow2 "$part"; fi
    qemu-img "$@" "${size}M" 2>said || give_up
  elif [ -n "$from" ]; then
    truncate -s "${size}M" "$part" 2>said || give_up
  else
    fallocate -l $((size * 1048576)) "$part" 2>said || truncate -s "${size}M" "$part" 2>said || give_up
  fi
  settle "$part" "$disk"
}

# a blank volume is wiped of what an earlier one left at its beginning; a copy covers it anyway
make_volume() {
  made "volume xenferry-$id" "$disk"
  if [ -n "$from" ]; then set -- -Wn -Zn; else set -- -Wy -Zy; fi
  lvcreate -y "$@" -L "${size}m" -n "${disk#*/}" --addtag "xenferry-$id" "${disk%%/*}" >/dev/null 2>said || give_up
  [ -z "$from" ] || copy raw "/dev/$disk" into
}

say disk
case $kind in
  raw | qcow2) make_file ;;
  volume) make_volume ;;
esac

say config
part=$(dirname "$config")/.xenferry-$id.part
made part "$part"
cat config >"$part" 2>said || give_up
settle "$part" "$config"

if [ -n "$auto" ]; then
  say autostart
  mkdir -p "$(dirname "$auto")" 2>said || give_up
  if [ -e "$auto" ] || [ -L "$auto" ]; then
    echo "$auto: exists" >said
    give_up
  fi
  made "link $config" "$auto"
  ln -s "$config" "$auto" 2>said || give_up
fi

if [ "$start" = yes ]; then
  say start
  cat /proc/sys/kernel/random/boot_id >starting
  # what came in between is decided under the lock of the job: cancelled before, or started
  (
    flock 8
    [ ! -e cancel ] || exit 1
    : >committed
  ) 8>>lock || stopped
  trap : TERM # not ignored: that would be inherited by all that xl starts
  if [ $# -ge 3 ] && ! sh ./lease take "$uuid" "$@" >said; then give_up; fi
  if ! xl create "$config" >/dev/null 2>said; then
    domid=$(domid_of "$uuid")
    [ -z "$domid" ] || xl destroy "$domid" 2>/dev/null
    give_up
  fi
  [ ! -e leases ] || sh ./lease run "$(domid_of "$uuid")"
fi
if [ "$kind" = volume ]; then lvchange --deltag "xenferry-$id" "$disk" >/dev/null 2>&1; fi
echo 0 >result
echo ok
