#!/bin/sh
# job-follow ID [LINES]   says what a job says until it has ended; LINES of its log are skipped. Works on an ended job too.
#   began SECONDS         /proc/uptime when it began; every other time is of the same clock
#   |TEXT                 a whole line of its log
#   phase WORD            when it changes
#   committed             its point of no return is behind it
#   sent BYTES UPTIME     read so far by the process whose id stands in "transport"
#   ended EXIT UPTIME     its exit status, or "died"; then ok
# Each line it is told is a tick: then it says what is new. So nothing is started from one look to the next: on a host that is busy
# moving a guest a process a second is felt. Ends when its stdin is closed or silent for 60 to 120 s.
set -u
root=${XENFERRY_ROOT:-/var/lib/xenferry}
job=$root/jobs/$1
skip=${2:-0}
[ -e "$job/log" ] || { echo "failed gone"; exit 1; }
heard=$job/heard.$$
# the clock that catches a link that hangs; it ends us only while we are its parent (the fourth field of its stat)
(
  trap 'kill "$nap" 2>/dev/null; exit' TERM
  while :; do
    sleep 60 &
    nap=$!
    wait "$nap"
    read -r stat </proc/self/stat
    # shellcheck disable=SC2086 # the fields after the name
    set -- ${stat##*) }
    if [ "$2" = "$$" ] && [ -e "$heard" ]; then rm -f "$heard"; continue; fi
    rm -f "$heard"
    [ "$2" != "$$" ] || kill "$$"
    exit
  done
) </dev/null >/dev/null 2>&1 &
clock=$!
trap 'kill $clock 2>/dev/null; rm -f "$heard"' EXIT
read -r boot </proc/sys/kernel/random/boot_id
[ -e "$job/began" ] && read -r began <"$job/began" && echo "began $began"
exec 3<"$job/log"
part='' phase='' sent='' committed='' looks=0
tell() {
  while :; do
    if IFS= read -r line <&3; then
      if [ "$skip" -gt 0 ]; then skip=$((skip - 1)); else printf '|%s\n' "$part$line"; fi
      part=
    else
      part=$part$line
      break
    fi
  done
  if [ -e "$job/phase" ] && read -r word <"$job/phase" && [ "$word" != "$phase" ]; then phase=$word; echo "phase $word"; fi
  if [ -z "$committed" ] && [ -e "$job/committed" ]; then committed=1; echo committed; fi
  if [ -e "$job/transport" ] && read -r carrier _ <"$job/transport" && [ -r "/proc/$carrier/io" ]; then
    read -r up _ </proc/uptime
    read -r _ bytes 2>/dev/null <"/proc/$carrier/io" || bytes=$sent
    if [ "$bytes" != "$sent" ]; then sent=$bytes; echo "sent $bytes $up"; fi
  fi
}
while :; do
  # whether it has ended is asked before its log is read, so that its last words are not missed
  over=
  if [ -e "$job/exit" ]; then
    read -r over <"$job/exit"
  elif [ -e "$job/pid" ]; then
    # the shell reads byte by byte: that its number is still its own, and nobody else's by now, is asked each tenth time
    if [ $((looks % 10)) -eq 0 ]; then
      read -r pid start theirs <"$job/pid"
      stat=
      if [ "$theirs" != "$boot" ] || ! read -r stat 2>/dev/null <"/proc/$pid/stat"; then over=died; else
        # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
        set -- ${stat##*) }
        [ "${20}" = "$start" ] || over=died
      fi
    elif [ ! -e "/proc/$pid" ]; then
      over=died
    fi
    looks=$((looks + 1))
    # it may have written its exit just now
    if [ "$over" = died ] && [ -e "$job/exit" ]; then read -r over <"$job/exit"; fi
  fi
  tell
  if [ -n "$over" ]; then
    [ -z "$part" ] || printf '|%s\n' "$part"
    read -r up _ </proc/uptime
    [ -e "$job/finished" ] && read -r up <"$job/finished"
    echo "ended $over $up"
    echo ok
    exit 0
  fi
  IFS= read -r _ || exit 0
  true >"$heard" 2>/dev/null # not ":", whose failing redirection would end the shell
done
