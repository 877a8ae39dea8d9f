#!/bin/sh
# make WHAT ARG…    makes what is missing on a host: whole, or not at all
#
#   bridge NAME PORT SUM [LINES PATH]…   it lives at once; PORT joins it, or ''. What makes it last comes on standard input
#                                        (its sha256 is SUM: a lost link looks like its end): so many LINES of it for each PATH
#   folder PATH                          with the folders above it
#   volume GROUP NAME SIZEMIB            empty
#   tidy                                 takes back what one that was cut has left
# Ends with `ok`, or `failed WORD tab TEXT` (exists, missing, address, member, below, group, cut, write, run, busy), before
# that `|text` of others and `left THING` for what could not be taken back.
#
# What is made is noted in a journal before it is made, and the journal goes when all is done. Whoever comes next, and each XenFerry
# that connects (tidy), takes back what a journal still names: a loss of power or a kill leaves nothing half made. A lost link stops nothing.
set -u
umask 022
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH
trap '' HUP INT TERM PIPE
root=${XENFERRY_ROOT:-/var/lib/xenferry}
journal=$root/making
tab='	'

failed() {
  [ ! -s "$journal.said" ] || tail -n 20 "$journal.said" | sed 's/^/|/'
  take_back
  rm -f "$journal.said"
  printf 'failed %s\t%s\n' "$1" "${2-}"
  exit 1
}
# note KIND ABOUT PATH: what can't be noted is not made
note() {
  printf '%s\t%s\t%s\t.\n' "$1" "$2" "$3" >>"$journal" || failed write "$journal"
  sync "$journal" 2>/dev/null || sync
}
run() { "$@" >/dev/null 2>>"$journal.said" 9>&- || failed run "$*"; }
boot() { cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo -; }

# Only what is surely ours goes: a bridge that someone has begun to use stays, and is named.
take_bridge() {
  [ "$booted" = "$(boot)" ] || return 0 # the kernel has forgotten it
  [ -d "/sys/class/net/$1/bridge" ] || return 0
  for port in "/sys/class/net/$1"/brif/*; do
    if [ -e "$port" ]; then echo "left $1" && return; fi
  done
  if ip -o addr show dev "$1" 2>/dev/null | grep -qE ' inet | inet6 .* scope (global|site)'; then echo "left $1" && return; fi
  ip link del dev "$1" 9>&- || echo "left $1"
}
take_port() { # STATE PORT: out of the bridge, and down if it was down
  [ "$booted" = "$(boot)" ] || return 0
  if [ -e "/sys/class/net/$2/master" ]; then ip link set dev "$2" nomaster 9>&- || echo "left $2"; fi
  [ "$1" = up ] || ip link set dev "$2" down 9>&- || :
}
take_back() {
  [ -e "$journal" ] || return 0
  booted=$(sed -n "s/^boot$tab\([^$tab]*\).*/\1/p" "$journal" | head -n 1)
  # the newest first; a line that was cut in the writing, without its dot, names nothing that was made
  sed -n '1!G;h;$p' "$journal" | while IFS=$tab read -r kind about path whole; do
    [ "$whole" = . ] || continue
    case $kind in
      part) rm -f -- "$path" ;;
      tree) [ ! -d "$path" ] || find "$path" -depth -type d -exec rmdir {} + ;;
      file) [ "$(stat -c %i -- "$path" 2>/dev/null)" != "$about" ] || rm -f -- "$path" || printf 'left %s\n' "$path" ;;
      bridge) take_bridge "$path" ;;
      port) take_port "$about" "$path" ;;
    esac
  done
  rm -f "$journal"
}
done_with() {
  sync 2>/dev/null
  rm -f "$journal" "$journal.said"
  echo ok
  exit 0
}

# Why an interface can't be a bridge's port: with an address on it, or something above it, it may be our own way in.
hindrance() {
  if [ ! -e "/sys/class/net/$1" ]; then echo missing && return; fi
  if [ -e "/sys/class/net/$1/master" ]; then echo member && return; fi
  for upper in "/sys/class/net/$1"/upper_*; do
    if [ -e "$upper" ]; then echo below && return; fi
  done
  if ! said=$(ip -o addr show dev "$1" 2>/dev/null 9>&-); then echo address && return; fi
  if printf '%s\n' "$said" | grep -qE ' inet | inet6 .* scope (global|site)'; then echo address; fi
}
part_of() { printf '%s/.%s.xenferry' "$(dirname "$1")" "$(basename "$1")"; }

make_bridge() {
  name=$1 port=$2 sum=$3
  shift 3
  cat >"$journal.text" || failed write "$journal.text"
  [ "$(sha256sum <"$journal.text" | cut -d ' ' -f 1)" = "$sum" ] || failed cut
  [ ! -e "/sys/class/net/$name" ] || failed exists "$name"
  if [ -n "$port" ]; then
    why=$(hindrance "$port")
    [ -z "$why" ] || failed "$why" "$port"
  fi
  # all texts lie ready under names of ours, then the bridge is made, then they get their own names
  note boot "$(boot)" -
  from=1 lines=
  for word; do
    if [ "$lines" = "" ]; then lines=$word && continue; fi
    if [ -e "$word" ] || [ -L "$word" ]; then failed exists "$word"; fi
    note part - "$(part_of "$word")"
    sed -n "$from,$((from + lines - 1))p" "$journal.text" >"$(part_of "$word")" || failed write "$word"
    sync "$(part_of "$word")" 2>/dev/null || :
    from=$((from + lines)) lines=
  done
  rm -f "$journal.text"
  note bridge - "$name"
  run ip link add name "$name" type bridge
  if [ -n "$port" ]; then
    state=down
    if [ $(($(cat "/sys/class/net/$port/flags") & 1)) = 1 ]; then state=up; fi
    note port "$state" "$port"
    run ip link set dev "$port" master "$name"
    run ip link set dev "$port" up
  fi
  run ip link set dev "$name" up
  lines=
  for word; do
    if [ "$lines" = "" ]; then lines=$word && continue; fi
    lines=
    part=$(part_of "$word")
    note file "$(stat -c %i -- "$part")" "$word"
    ln -- "$part" "$word" 2>>"$journal.said" || failed exists "$word"
    rm -f -- "$part"
  done
  # ifupdown itself says whether it reads what was written for it
  case ${word-} in
    /etc/network/*) if command -v ifquery >/dev/null 2>&1; then run ifquery "$name"; fi ;;
  esac
  done_with
}

# The whole way down is built under a name of ours beside the first that is missing, and gets its own name in one step.
make_folder() {
  path=$1
  if [ -e "$path" ] || [ -L "$path" ]; then failed exists "$path"; fi
  top=$path
  while [ ! -e "$(dirname "$top")" ]; do top=$(dirname "$top"); done
  part=$(part_of "$top")
  note tree - "$part"
  run mkdir -p -- "$part${path#"$top"}"
  if [ -e "$top" ] || [ -L "$top" ]; then failed exists "$top"; fi
  run mv -T -- "$part" "$top"
  sync "$(dirname "$top")" 2>/dev/null || :
  done_with
}

# lvcreate is whole or nothing by itself, so nothing is noted.
make_volume() {
  vgs "$1" >/dev/null 2>&1 9>&- || failed group "$1"
  if lvs "$1/$2" >/dev/null 2>&1 9>&-; then failed exists "/dev/$1/$2"; fi
  run lvcreate -y -Wy -Zy -L "$3m" -n "$2" "$1"
  done_with
}

if [ "$1" = tidy ] && [ ! -e "$journal" ]; then
  echo ok
  exit 0
fi
(umask 077 && mkdir -p "$root") || failed write "$root"
exec 9>>"$root/making.lock"
tries=0
until flock -n 9; do # busybox has no flock -w
  tries=$((tries + 1))
  if [ "$tries" -gt 20 ]; then printf 'failed busy\t\n' && exit 1; fi
  sleep 1
done
take_back
rm -f "$journal.said" "$journal.text"
what=$1
shift
case $what in
  bridge) make_bridge "$@" ;;
  folder) make_folder "$@" ;;
  volume) make_volume "$@" ;;
  tidy) done_with ;;
esac
failed run "$what"
