#!/bin/sh
# disks VERB   the source's half of moving a guest's own disks while it runs. Lies in the job's folder as `disks`; speaks with disks-in
# at the target through the job's descriptors 7 (to it) and 8 (from it).
#   live DOMID   has the disks made there; copies them whole, then again what changed meanwhile, in rounds that get smaller; compares
#                both ends; ends when about a second's worth is left. The guest runs on all the time.
#   gather PID   as long as the job PID lives, until `last`: keeps what the kernel says of writes, whose room is small
#   last         the guest stands still: what changed since goes too, and is compared. Exit 0: each disk there is the same as here.
#   still        instead of both, where nobody writes (a halted guest): made there, copied once, compared once. Exit 0: the same there
#   install 0|1  after `still`: the target puts the guest's config in its place, and with 1 starts it whatever becomes of the link
#   started      hears whether it did                   close   the target lets go of the link
#   end          takes the watching of writes away; may be repeated
#   aside        the guest has gone: its disks here go to the trash (`keep`, the program config.sh), from where they can come back
# disks.list: N<tab>HOW<tab>SIZE<tab>VDEV<tab>PATH for each disk; SIZE in bytes, a multiple of 512.
#   HOW traced: the kernel says which blocks were written, when each write is complete (docs/decisions: a disk is watched, not touched)
#       compared: all of it is compared each time; for where nobody can say what changed
# limit: MiB a second at most; absent: as fast as it goes
# It says, for whoever follows the job:  disks total BYTES · disks round R BYTES · disks copied BYTES (of this round) ·
#   disks rate BYTES (a second) · disks comparing · disks different CHUNKS · disks last BYTES · disks same · disks failed WHY
set -u
verb=$1
chunk=1048576 most=64 rounds=8
tab='	'
id=${PWD##*/}
failed() {
  echo "disks failed $*"
  exit 1
}
# hundredths of a second
now() {
  read -r up _ </proc/uptime
  echo "${up%.*}${up#*.}"
}
# sets how size vdev path of disk $1, and how it is read: a block device past the page cache, which knows nothing of what the guest
# writes past it (a file is written through the cache by the loop device: both see the same)
disk() {
  direct=
  while IFS=$tab read -r n how size vdev path; do
    [ "$n" = "$1" ] || continue
    [ ! -b "$path" ] || direct=iflag=direct
    return 0
  done <disks.list
  return 1
}
chunks_of() { echo $((($1 + chunk - 1) / chunk)); }
bytes_of() { # FIRST COUNT of the disk that is set
  bytes=$((size - $1 * chunk))
  [ "$bytes" -le $(($2 * chunk)) ] || bytes=$(($2 * chunk))
}
# the other end takes nothing more: its last word says why
trap '' PIPE
gone() {
  IFS= read -r said <&8 || failed link
  failed "${said#failed }"
}
ask() { printf '%s\n' "$*" >&7 2>/dev/null || gone; }
# reads one answer into `said`; the word it begins with must be $1
hear() {
  IFS= read -r said <&8 || failed link
  case $said in "$1" | "$1 "*) ;; *) failed "${said#failed }" ;; esac
}

# --- who writes: block events of the devices that serve the guest, in an instance of our own, with room for a second's worth and more
tracing() { [ -e /sys/kernel/tracing/instances ] && echo /sys/kernel/tracing || echo /sys/kernel/debug/tracing; }
instance=$(tracing)/instances/xenferry-$id

# The device (major,minor) through which this host serves vdev $2 of domain $1; nothing where QEMU does.
device_of() {
  for backend in $(xenstore-list "/local/domain/0/backend/vbd/$1" 2>/dev/null); do
    at=/local/domain/0/backend/vbd/$1/$backend
    [ "$(xenstore-read "$at/dev" 2>/dev/null)" = "$2" ] || continue
    real=$(xenstore-read "$at/physical-device" 2>/dev/null) || return 0
    case $real in *:*) echo "$((0x${real%:*})),$((0x${real#*:}))" ;; esac
  done
}

# Without it everything is compared, and nothing is wrong.
watch_writes() {
  : >dirty
  : >begun
  : >devices
  while IFS=$tab read -r n how size vdev path; do
    [ "$how" = traced ] || continue
    device=$(device_of "$1" "$vdev")
    [ -z "$device" ] || echo "$device $n" >>devices
  done <disks.list
  [ -s devices ] || return 0
  if mkdir "$instance" 2>/dev/null && echo 0 >"$instance/options/overwrite" &&
    { echo 8192 >"$instance/buffer_size_kb" || echo 1024 >"$instance/buffer_size_kb"; } 2>/dev/null; then
    filter='' split=''
    while read -r device n; do
      one="dev == $((${device%,*} << 20 | ${device#*,}))"
      filter="$filter${filter:+ || }$one"
      [ ! -d "/sys/dev/block/${device%,*}:${device#*,}/dm" ] || split="$split${split:+ || }$one"
    done <devices
    if { [ -z "$split" ] || hear_event block_bio_queue "$split"; } && hear_event block_rq_complete "$filter" &&
      hear_event block_bio_complete "$filter"; then prove; else : >devices; fi
  else
    : >devices
  fi
  [ -s devices ] || stop_watching
}
hear_event() { echo "$2" >"$instance/events/block/$1/filter" && echo 1 >"$instance/events/block/$1/enable"; }
# A device of which a read of our own is not told, in words that we understand, is not watched: nobody would tell of a write.
prove() {
  while read -r device n; do
    node=/dev/block/${device%,*}:${device#*,}
    if [ ! -b "$node" ]; then
      rm -f node
      mknod node b "${device%,*}" "${device#*,}" 2>/dev/null
      node=node
    fi
    dd if="$node" of=/dev/null bs=4096 count=1 iflag=direct 2>/dev/null
  done <devices
  drain
  while read -r device n; do
    ! grep -q "^heard $n\$" dirty || echo "$device $n"
  done <devices >heard
  if [ -e lost ]; then : >heard; fi
  mv heard devices
  rm -f lost node
}
stop_watching() {
  [ ! -d "$instance" ] || rmdir "$instance"
}

# What was written since the last time, as "N CHUNK" lines more in `dirty`. A read is no write; of the rest each counts.
#   kworker/0:1-12   [000] .....   742.3: block_rq_complete: 7,0 WS () 2048 + 8 [0]
#   kworker/0:1-12   [000] .....   742.3: block_rq_complete: 7,0 WS () 2048 + 8 none,0,0 [0]
#   swapper/0-0      [000] d.h..   742.4: block_bio_complete: 253,3 W 2048 + 8 [0]
# Where device-mapper cuts a write in two, only the last part of it is told when all of it is complete. Its end stays the same: so what
# began (block_bio_queue) is kept in `begun` ("N END FIRST HOWMANY") until something with that end is complete.
# A mark of ours goes in at the end: that it comes out, and gets into both files, shows that nothing was missed before it.
drains=0
drain() {
  [ -s devices ] || return 0
  drains=$((drains + 1))
  mark=xenferry-$$-$drains
  echo "$mark" 2>/dev/null >"$instance/trace_marker"
  dd if="$instance/trace_pipe" bs=65536 iflag=nonblock 2>/dev/null | awk -v chunk="$chunk" -v mark="$mark" -v CONVFMT=%.15g '
    part == 1 { name[$1] = $2; next }
    part == 2 { if ($1 != "end") { start[$1 " " $2] = $3; many[$1 " " $2] = $4 }; next }
    /LOST/ { print "lost" > "lost"; next }
    substr($0, length($0) - length(mark) + 1) == mark { marked = 1; next }
    !/: block_(rq|bio)_(complete|queue): / { next }
    {
      sub(/^.*: block_(rq|bio)_/, "")
      if (!($2 in name)) next
      n = name[$2]
      heard[n]
      if ($3 ~ /^F?R/) next
      for (i = 4; i < NF; i++) if ($i == "+") {
        if ($(i + 1) == 0) break
        from = $(i - 1) + 0
        to = from + $(i + 1)
        key = n " " to
        if ($1 == "queue:") {
          if (!(key in start) || from < start[key]) start[key] = from
          many[key]++
          break
        }
        if (key in start) {
          if (start[key] < from) from = start[key]
          if (--many[key] <= 0) { delete start[key]; delete many[key] }
        }
        last = int((to * 512 - 1) / chunk)
        for (c = int(from * 512 / chunk); c <= last; c++) if (!((n, c) in seen)) { seen[n, c]; print n, c }
        break
      }
    }
    END {
      for (n in heard) print "heard", n
      for (key in start) print key, start[key], many[key] > "begun.new"
      if (!marked) mark = "not " mark
      print "end", mark > "begun.new"
      print "end", mark
    }' part=1 devices part=2 begun part=3 - >>dirty
  mv begun.new begun
  [ "$(tail -n 1 dirty)" = "end $mark" ] && [ "$(tail -n 1 begun)" = "end $mark" ] || : >lost || failed write lost
}
lost_any() {
  [ ! -e lost ] || return 0
  [ "$(cat "$instance"/per_cpu/cpu*/stats 2>/dev/null | awk '/^(overrun|commit overrun|dropped events):/ { s += $NF } END { print s + 0 }')" != 0 ]
}
is_traced() { [ "$how" = traced ] && ! [ -e lost ] && grep -q " $1\$" devices; }

# What is to be sent next, in `ranges` ("N FIRST COUNT"), and its bytes in `todo`.
take() {
  drain
  if [ -s devices ] && lost_any; then : >lost; fi
  grep '^[0-9]' dirty | sort -u -k1,1n -k2,2n >taken || failed write taken
  : >dirty
  ranges_of <taken
}
ranges_of() {
  awk -v most="$most" '
    count && $1 == n && $2 == first + count && count < most { count++; next }
    { if (count) print n, first, count; n = $1; first = $2; count = 1 }
    END { if (count) print n, first, count }' >ranges || failed write ranges
  todo=0 chunks=0
  while read -r n first count; do
    disk "$n"
    bytes_of "$first" "$count"
    todo=$((todo + bytes)) chunks=$((chunks + count))
  done <ranges
  # not every awk says that its disk was full
  [ "$chunks" = "$(wc -l <taken)" ] || failed write ranges
}
all_ranges() { # of every disk; $1 "compared": only of those of which nobody says what changed
  while IFS=$tab read -r n how size vdev path; do
    if [ "${1-}" = compared ] && is_traced "$n"; then continue; fi
    count=$(chunks_of "$size") first=0
    while [ "$first" -lt "$count" ]; do
      part=$((count - first))
      [ "$part" -le "$most" ] || part=$most
      echo "$n $first $part" || failed write ranges
      first=$((first + part))
    done
  done <disks.list
}

# The guest stands still for `last`: who cancels is heard in the middle of it. Before that, cancelling ends the link.
heed() { [ "$verb" != last ] || [ ! -e cancel ] || failed cancelled; }

# --- copying
limit=0
[ ! -s limit ] || read -r limit <limit
started=$(now) sent=0
pace() {
  [ "$limit" -gt 0 ] || return 0
  while [ $(($(now) - started)) -lt $((sent / 10486 / limit)) ]; do
    heed
    sleep 0.1 2>/dev/null || sleep 1
  done
}
# One that became shorter would leave the other end waiting for the rest; of one that grew the rest is told as if it were words, and is not
# copied.
same_size() {
  if [ -b "$path" ]; then is=$(blockdev --getsize64 "$path" 2>/dev/null); else is=$(stat -L -c %s "$path" 2>/dev/null); fi
  [ "$is" = "$size" ] || failed size "$path"
}
send() { # the ranges of the file $1
  while read -r n first count; do
    disk "$n"
    bytes_of "$first" "$count"
    heed
    same_size
    ask put "$n" "$first" "$count"
    # shellcheck disable=SC2086 # an option, or none
    dd if="$path" bs="$chunk" skip="$first" count="$count" $direct 2>/dev/null >&7 || {
      # was it the disk, or the link?
      dd if="$path" of=/dev/null bs="$chunk" skip="$first" count="$count" 2>/dev/null && gone
      failed read "$path"
    }
    sent=$((sent + bytes))
    round_sent=$((round_sent + bytes))
    echo "disks copied $round_sent"
    drain
    pace
  done <"$1"
  ask flush
  hear flushed
}
# Compares the ranges of the file $1; what differs comes as "N CHUNK" lines into the file $2.
compare() {
  : >"$2"
  while read -r n first count; do
    disk "$n"
    ask digest "$n" "$first" "$count"
    c=$first
    while [ "$c" -lt $((first + count)) ]; do
      heed
      mine=$(dd if="$path" bs="$chunk" skip="$c" count=1 $direct 2>/dev/null | sha256sum)
      hear digest
      [ "$said" = "digest ${mine%% *}" ] || echo "$n $c" >>"$2" || failed write "$2"
      c=$((c + 1))
    done
    drain
  done <"$1"
}
round() { # NUMBER; sends what `ranges` has
  round_sent=0
  echo "disks round $1 $todo"
  begun=$(now)
  send ranges
  took=$(($(now) - begun))
  [ "$took" -gt 0 ] || took=1
  rate=$((round_sent * 100 / took))
  if [ "$round_sent" -gt $((4 * chunk)) ] || [ "$1" = 1 ]; then echo "disks rate $rate"; fi
}

begin() {
  ask chunk "$chunk"
  total=0
  while IFS=$tab read -r n how size vdev path; do
    [ -r "$path" ] || failed read "$path"
    ask disk "$n" "$size"
    total=$((total + size))
  done <disks.list
  ask make
  hear made
  echo "disks total $total"
}
live() {
  begin
  watch_writes "$1"
  all_ranges >ranges
  todo=$total
  round 1
  speed=$rate before=$total nth=1
  while [ "$nth" -lt "$rounds" ]; do
    take
    # a second's worth may wait for the end; so may what does not get less
    [ "$todo" -gt "$speed" ] || break
    [ "$nth" -lt 3 ] || [ $((todo * 10)) -le $((before * 7)) ] || break
    nth=$((nth + 1))
    before=$todo
    round "$nth"
  done
  cat taken >>dirty || failed write dirty
  echo "disks comparing"
  all_ranges >whole
  compare whole differ
  echo "disks different $(wc -l <differ)"
  cat differ >>dirty || failed write dirty
  take
  if [ "$todo" -gt 0 ]; then
    round $((nth + 1))
    # what differed was told by no one: it is looked at again
    compare ranges differ
    cat differ >>dirty || failed write dirty
  fi
  ask admit
  hear admitted
}

# The requests that were under way when the guest was stopped: until the device has none, nothing is read.
settled() {
  tries=0
  while read -r device _; do
    while read -r r w <"/sys/dev/block/${device%,*}:${device#*,}/inflight" && [ "$r$w" != 00 ]; do
      tries=$((tries + 1))
      [ "$tries" -lt 100 ] || return 1
      sleep 0.1 2>/dev/null || sleep 1
    done
  done <devices
}

# Nobody sends while the guest's memory goes, which may take minutes: the kernel's room would fill, and all of it be compared in the pause.
gather() {
  [ -s devices ] || return 0
  while [ ! -e enough ] && [ -d "/proc/$1" ]; do
    exec 9>>gathering
    flock 9
    [ -e enough ] || drain
    exec 9>&-
    sleep 1
  done
}

last() {
  : >enough || failed write enough
  exec 9>>gathering
  flock 9
  while IFS=$tab read -r n how size vdev path; do same_size; done <disks.list
  settled || failed busy
  drain
  take
  unheard= # all of it is compared then, whatever is lost later
  [ ! -e lost ] || unheard=yes
  all_ranges compared >whole
  if [ -s whole ]; then
    compare whole differ
    cat differ >>dirty || failed write dirty
    cat taken >>dirty || failed write dirty
    take
  fi
  round_sent=0
  echo "disks last $todo"
  send ranges
  # what was sent is proven; the rest was compared before, and nothing wrote to it since
  compare ranges differ
  [ ! -s differ ] || failed different
  drain
  ! grep -q '^[0-9]' dirty || failed written
  if [ -s devices ] && [ -z "$unheard" ] && lost_any; then failed lost; fi
  ask close
  hear closed
  echo "disks same"
}

still() {
  begin
  if [ "$total" -gt 0 ]; then
    all_ranges >ranges
    todo=$total
    round 1
    echo "disks comparing"
    all_ranges >whole
    compare whole differ
    echo "disks different $(wc -l <differ)"
    cp differ taken || failed write taken
    ranges_of <taken
    if [ "$todo" -gt 0 ]; then
      round 2
      compare ranges differ
      [ ! -s differ ] || failed different
    fi
  fi
  echo "disks same"
}

aside() {
  IFS= read -r guest <guest
  IFS= read -r where <target
  IFS= read -r name <name
  config=
  [ ! -e where-config ] || IFS= read -r config <where-config
  set -- shelve "$id" "$guest" "$name" "$PWD/aside/config" "$config" "$where"
  while IFS=$tab read -r n how size vdev path; do set -- "$@" "$path"; done <disks.list
  # the last domain's devices may still be on their way out
  sh ./keep "$@" | grep '^failed' | while read -r why; do echo "disks kept $why"; done
}

case $verb in
  aside) aside ;;
  live) live "$2" ;;
  gather) gather "$2" ;;
  last) last ;;
  still) still ;;
  install) ask install "$2" && hear installed ;;
  started) hear started ;;
  close) ask close && hear closed ;;
  end) stop_watching ;;
esac
