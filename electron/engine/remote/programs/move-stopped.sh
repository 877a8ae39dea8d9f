#!/bin/sh
# move-stopped NAME UUID DOMID SECONDS [save]   the job on the source: a guest moves while it runs nowhere; its own disks go (disks.list)
#   DOMID  the domain it runs as: it is shut down first, for SECONDS at most, and started there at the end, or here again where it stays
#          empty: it is halted, and stays so
#   save   it is not shut down: its memory is saved to a file, which goes with the disks, and it is restored there. Until it runs there its
#          domain stays here, paused, and goes on where it stays
# Until the decision everything stands here as before; a domain of the guest that appears meanwhile ends the move (`guard`).
# It says "stopped for TENTHS": how long the guest ran nowhere, in tenths of a second, when it was started there.
# Its phases: preparing stopping|saving copying switching starting, then how it ended: moved stayed cancelled changed undecided
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
name=$1 uuid=$2 domid=$3 seconds=$4 saves=${5-} begins=0
[ -z "$domid" ] || begins=1
# restored there: as it was saved, or with its disks where they stand there
[ -z "$saves" ] || begins=2
[ -z "$saves" ] || [ ! -e config.target ] || begins=3
phase() { echo "$1" >phase.new; mv phase.new phase; }
# shellcheck source=electron/engine/remote/programs/move-back.sh
. ./back
state_of() { xl list "$domid" 2>/dev/null | awk 'NF > 1 { state = $(NF - 1) } END { print state }'; }
# Whether any domain of the guest is here, but the one that was saved and stands paused, or that one does not any more; where nobody can
# tell, one may be.
kept=''
here() {
  if [ "$kept" ]; then case $(state_of) in ??p*) ;; *) return 0 ;; esac; fi
  domids=$(xenstore-list /local/domain 2>/dev/null) || return 0
  for one in $domids; do
    [ "$one" != 0 ] && [ "$one" != "$kept" ] || continue
    [ "$(xenstore-read "/local/domain/$one/name" 2>/dev/null)" != "$name" ] || return 0
    [ -z "$uuid" ] || [ "$(xenstore-read "/local/domain/$one/vm" 2>/dev/null)" != "/vm/$uuid" ] || return 0
  done
  return 1
}
tenths() {
  read -r up _ </proc/uptime
  echo "${up%.*}${up#*.}" | sed 's/.$//'
}
# Cancelled or not, who was told to go may go: we wait, so that it is started again.
stopped=''
is_ours() { [ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null)" = "/vm/$uuid" ]; }
shut_down() {
  [ ! -e cancel ] || return 1
  phase stopping
  is_ours || { echo "xenferry: domain $domid is not $uuid any more"; return 1; }
  said=$(xl shutdown "$domid" 2>&1)
  how=$?
  printf '%s\n' "$said"
  case $said in *'PV control interface not available'*) return 1 ;; esac
  [ $how -eq 0 ] || return 1
  waited=0
  down=0
  while here; do
    waited=$((waited + 1))
    # down, and kept so: on_poweroff="preserve", or its xl is gone, which takes it away
    case $(state_of) in ???s[!c]*) down=$((down + 1)) ;; *) down=0 ;; esac
    if [ "$down" -gt 10 ] && is_ours; then xl destroy "$domid"; fi
    [ "$waited" -le "$seconds" ] || { echo "xenferry: still running after $seconds seconds"; return 1; }
    sleep 1
  done
  stopped=$(tenths)
}
# Its memory goes to a file, and becomes one more disk of the list; it stands paused then, or runs on where it could not be saved.
save() {
  [ ! -e cancel ] || return 1
  phase saving
  is_ours || { echo "xenferry: domain $domid is not $uuid any more"; return 1; }
  # whoever comes after us knows why it stands still, and that it is still being saved: its xl holds the file
  : >saving
  settle saving .
  stopped=$(tenths)
  (flock 5; exec xl save -p "$domid" memory) 5>>saving
  how=$?
  # where nobody can tell how it stands, it may stand still
  case $(state_of) in '' | ??p* | ????s*) kept=$domid ;; *) rm -f saving ;; esac
  [ $how -eq 0 ] && [ "$kept" ] || return 1
  # whole sectors, as a disk has; what comes after its end nobody reads
  size=$((($(stat -c %s memory) + 511) / 512 * 512))
  dd if=/dev/null of=memory bs=1 seek="$size" count=0 2>/dev/null
  printf '%s\tstill\t%s\tmemory\tmemory\n' "$(wc -l <disks.list)" "$size" >>disks.list
  at_rest
}
# What it had asked of its disks when it was stopped is on them.
at_rest() {
  tries=0
  for vbd in $(xenstore-list "/local/domain/0/backend/vbd/$domid" 2>/dev/null); do
    number=$(xenstore-read "/local/domain/0/backend/vbd/$domid/$vbd/physical-device" 2>/dev/null) && [ -n "$number" ] || continue
    flying=/sys/dev/block/$((0x${number%:*})):$((0x${number#*:}))/inflight
    while [ -e "$flying" ] && read -r r w <"$flying" && [ "$r$w" != 00 ]; do
      tries=$((tries + 1))
      [ "$tries" -lt 100 ] || { echo "xenferry: its disks do not come to rest"; return 1; }
      sleep 0.1 2>/dev/null || sleep 1
    done
  done
}
# It goes on here, where it stood, under its own name again.
go_on() {
  case $(state_of) in ??p*) ;; ????s* | '') return 1 ;; *) return 0 ;; esac
  is_ours || return 1
  goOn "$domid" "$name" && rm -f saving
}
# As long as this shell lives.
guard() {
  while sleep 2 && kill -0 $$ 2>/dev/null; do
    here || continue
    : >appeared
    if [ -e stop ] && read -r pid start <stop && read -r stat 2>/dev/null <"/proc/$pid/stat"; then
      # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the 20th is the start time
      set -- ${stat##*) }
      [ "${20}" != "$start" ] || kill "$pid" 2>/dev/null
    fi
    return
  done
}
# Under the job's lock: cancelled before, or the point of no return. From there on the config is no more in this host's folder.
decide() {
  exec 6>>lock
  flock 6
  decided=1
  if [ -e cancel ]; then
    :
  elif [ -e appeared ] || here; then
    : >appeared
  elif ! IFS= read -r config <where-config || ! cmp -s aside/config "$config"; then
    : >changed
    echo "xenferry: $config was changed meanwhile"
  else
    if [ -e where-auto ] && IFS= read -r link <where-auto; then rm -f "$link"; settle "${link%/*}"; fi
    : >committed
    settle committed .
    rm -f "$config"
    settle "${config%/*}"
    # started just before the config went: the target knows nothing of it yet
    if here; then
      : >appeared
      rm -f committed
      settle .
    else
      decided=0
      # as xl calls what it has sent away: nobody takes it for the guest
      [ -z "$kept" ] || xl rename "$kept" "$name--migratedaway" || :
    fi
  fi
  exec 6>&-
  return $decided
}
move() {
  if [ -z "$domid" ]; then
    if here; then : >appeared; return 1; fi
  else
    if [ "$saves" ]; then save; else shut_down; fi || return 1
  fi
  [ ! -e cancel ] || return 1
  phase copying
  mkfifo to from || return 1
  sh ./link xenferry-disks <to >from &
  exec 7>to 8<from
  guard 7>&- 8<&- &
  guard=$!
  sh ./disks still "$kept" && phase switching && decide || return 1
  kill "$guard" 2>/dev/null
  sh ./disks install "$begins" >answer
  how=$?
  cat answer
  [ $how -ne 0 ] || return 0
  # somebody else's config stands there, and so ours does not: it stays here
  if grep -q '^disks failed taken ' answer; then rm -f committed; settle .; fi
  return 1
}
phase preparing
guard='' config='' left=''
move
how=$?
[ -z "$guard" ] || kill "$guard" 2>/dev/null
if [ $how -eq 0 ] && [ "$domid" ]; then
  phase starting
  if sh ./disks started >answer; then
    echo "stopped for $(($(tenths) - stopped))"
  else
    cat answer
    echo "xenferry: not started there"
    case $(cat answer) in
      'disks failed returned '*) # it belongs here again
        rm -f committed
        settle .
        how=1
        ;;
      'disks failed link') how=1 ;; # only the target can tell
    esac
  fi
fi
if [ $how -eq 0 ]; then
  sh ./disks close
  # it runs there: what stood here for it goes
  if [ "$kept" ] && is_ours; then
    case $(state_of) in ??p*) xl destroy "$kept" && rm -f saving ;; esac
  fi
  # the disks here stay, set aside, until somebody lets them go
  [ ! -s disks.list ] || sh ./disks aside
  phase moved
elif [ -e committed ]; then
  phase undecided
else
  [ ! -e appeared ] || echo "xenferry: started here meanwhile"
  putBack "$PWD" config && putBack "$PWD" auto || { echo "xenferry: not put back: $path"; left=yes; }
  if [ "$kept" ]; then
    if go_on 7>&- 8<&-; then
      [ ! -e lease ] || sh ./lease over
    else
      echo "xenferry: not started again"
      left=yes
    fi
  elif [ "$stopped" ] && ! here && IFS= read -r config <where-config; then
    if xl create "$config" 7>&- 8<&-; then
      [ ! -e lease ] || sh ./lease over
    else
      echo "xenferry: not started again"
    fi
  fi
  # whoever looks at both ends puts it back
  if [ "$left" ]; then phase undecided; elif [ -e changed ]; then phase changed; elif [ -e cancel ]; then phase cancelled; else phase stayed; fi
fi
# nobody asks the operator's agent any more
if [ -e agent ] && IFS= read -r agent <agent; then rm -f "$agent"; rmdir "${agent%/*}" 2>/dev/null; fi
rm -f key memory
exit $how
