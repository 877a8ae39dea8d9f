#!/bin/sh
# disks VERB   the source's half of moving a guest's own disks. Lies in the job's folder as `disks`, beside `watch-writes`; speaks
# with disks-in at the target through the job's descriptors 7 (to it) and 8 (from it).
#   live DOMID   has the disks made there; copies them whole (of one that begins there as an old state of itself, what differs), then
#                again what changed meanwhile, in rounds that get smaller; compares both ends; ends when about a second's worth is left.
#                The guest runs on all the time.
#   gather PID   as long as the job PID lives, until `last`: keeps what the kernel says of writes when its small room begins to fill
#   last         the guest stands still: what changed since goes too, and is compared. Exit 0: each disk there is the same as here.
#   still [DOMID]  instead of both, where nobody writes (a halted guest, or DOMID, which stands paused): made there, copied once (of one
#                that begins there as an old state of itself, what differs), compared once. Exit 0: the same there
#   install N    after `still`: the target puts the guest's config in its place, and starts or restores it (disks-in) whatever becomes of
#                the link
#   started      hears whether it did, or was given back   close   the target lets go of the link
#   end          takes the watching of writes away, and what shows qcow2 files; may be repeated
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
    shown_at
    [ ! -b "$path" ] || direct=iflag=direct
    return 0
  done <disks.list
  return 1
}
# A qcow2 file is read through a device that shows what is in it (`shown`, where there is one): sets path.
shown_at() { [ ! -e "at.$n" ] || IFS= read -r path <"at.$n"; }
show() { # VERB DOMID
  [ -e qcow2 ] || return 0
  sh ./shown "$@" >answer || failed "$(sed 's/^failed //' answer)"
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

# shellcheck source=electron/engine/remote/programs/move-watch-writes.sh
. ./watch-writes

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
olds= # numbers of the disks that begin there as an old state of themselves
is_old() { case "$olds " in *" $1 "*) ;; *) return 1 ;; esac; }
all_ranges() { # of every disk; $1 "compared": only of those of which nobody says what changed; "old", "new": only of these;
  # "unproven": of an old one that was compared before, and is watched or written by nobody, only what was sent since
  while IFS=$tab read -r n how size vdev path; do
    case ${1-} in
      compared) if is_traced "$n"; then continue; fi ;;
      old) is_old "$n" || continue ;;
      unproven) if is_old "$n" && { [ "$how" = still ] || is_traced "$n"; }; then grep "^$n " sent; continue; fi ;;
      new) if is_old "$n"; then continue; fi ;;
    esac
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
# not while the guest stands still
[ "$verb" = last ] || [ ! -s limit ] || read -r limit <limit
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
    if filling; then drain; fi
    pace
  done <"$1"
  ask flush
  hear flushed
}
same() { # FIRST COUNT of the disk that is set
  heed
  ask digest "$n" "$1" "$2"
  # shellcheck disable=SC2086 # an option, or none
  mine=$(dd if="$path" bs="$chunk" skip="$1" count="$2" $direct 2>/dev/null | sha256sum)
  hear digest
  [ "$said" = "digest ${mine%% *}" ]
}
# Compares the ranges of the file $1; what differs comes as "N CHUNK" lines into the file $2. A range is one sum, and one that differs
# is looked at in eighths: a process for each chunk takes longer than reading it.
compare() {
  : >"$2"
  differ=$2
  while read -r n first count; do
    disk "$n"
    set -- "$first $count"
    while [ $# -gt 0 ]; do
      first=${1% *} count=${1#* }
      shift
      if same "$first" "$count"; then continue; fi
      if [ "$count" = 1 ]; then
        echo "$n $first" >>"$differ" || failed write "$differ"
        continue
      fi
      end=$((first + count)) part=$(((count + 7) / 8))
      while [ "$first" -lt "$end" ]; do
        [ $((first + part)) -le "$end" ] || part=$((end - first))
        set -- "$@" "$first $part"
        first=$((first + part))
      done
    done
    if filling; then drain; fi
  done <"$1"
}
round() { # NUMBER; sends what `ranges` has
  cat ranges >>sent || failed write sent
  round_sent=0
  echo "disks round $1 $todo"
  begun=$(now)
  send ranges
  took=$(($(now) - begun))
  [ "$took" -gt 0 ] || took=1
  rate=$((round_sent * 100 / took))
  # of a little, the time it took says nothing
  if [ "$round_sent" -gt $((4 * chunk)) ] || { [ "$1" = 1 ] && [ -z "$olds" ]; }; then echo "disks rate $rate"; fi
}

# What the first round sends.
first_ranges() {
  all_ranges old >whole
  if [ ! -s whole ]; then
    all_ranges >ranges
    todo=$total
    return
  fi
  echo "disks comparing"
  compare whole taken
  ranges_of <taken
  all_ranges new >>ranges
  while IFS=$tab read -r n how size vdev path; do is_old "$n" || todo=$((todo + size)); done <disks.list
}

begin() { # DOMID, or nothing where nobody writes
  printf '%s\n' "${1-}" >domid
  show open "${1-}"
  ask chunk "$chunk"
  total=0
  while IFS=$tab read -r n how size vdev path; do
    [ -r "$path" ] || failed read "$path"
    ask disk "$n" "$size"
    total=$((total + size))
  done <disks.list
  ask make
  hear made
  olds=${said#made}
  echo "disks total $total"
}
live() {
  begin "$1"
  watch_writes "$1"
  : >sent
  first_ranges
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
  show anew "$1"
  all_ranges unproven >whole
  begun=$(now)
  compare whole differ
  not_too_long $(($(now) - begun))
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

# Disks of which nobody says what changed are compared once more while the guest stands still, for $stands seconds at most (carry).
stands=900
not_too_long() { # HUNDREDTHS that comparing the file `whole` took
  all_ranges compared >again
  again=$(awk '{ s += $3 } END { print s + 0 }' again) all=$(awk '{ s += $3 } END { print s + 0 }' whole)
  [ "$all" -gt 0 ] || return 0
  again=$(($1 * again / all / 100))
  [ "$again" -le $((stands * 2 / 3)) ] || failed pause "$again"
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
    if [ ! -e enough ] && filling; then drain; fi
    exec 9>&-
    sleep 1
  done
}

last() {
  : >enough || failed write enough
  exec 9>>gathering
  flock 9
  IFS= read -r domid <domid
  show anew "$domid"
  while IFS=$tab read -r n how size vdev path; do shown_at; same_size; done <disks.list
  settled || failed busy
  [ ! -s devices ] || same_devices "$domid" || : >lost
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
  begin "$1"
  if [ "$total" -gt 0 ]; then
    : >sent
    first_ranges
    round 1
    echo "disks comparing"
    all_ranges unproven >whole
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
  show close
  echo "disks same"
}

aside() {
  IFS= read -r guest <guest
  IFS= read -r where <target
  IFS= read -r name <name
  config=
  [ ! -e where-config ] || IFS= read -r config <where-config
  set -- shelve "$id" "$guest" "$name" "$PWD/aside/config" "$config" "$where"
  while IFS=$tab read -r n how size vdev path; do
    [ "$vdev" = memory ] || set -- "$@" "$vdev=$path" # its memory is no disk of it
  done <disks.list
  # the last domain's devices may still be on their way out
  sh ./keep "$@" | grep '^failed' | while read -r why; do echo "disks kept $why"; done
}

case $verb in
  aside) aside ;;
  live) live "$2" ;;
  gather) gather "$2" ;;
  last) last ;;
  still) still "${2-}" ;;
  install) ask install "$2" && hear installed ;;
  started) hear started ;;
  close) ask close && hear closed ;;
  end)
    stop_watching
    show close
    ;;
esac
