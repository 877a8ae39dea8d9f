#!/bin/sh
# job-follow ID [LINES]   says what a job says until it has ended; LINES of its log are skipped. Works on an ended job too.
#   began SECONDS         /proc/uptime when it began; every other time is of the same clock
#   |TEXT                 a whole line of its log
#   phase WORD            when it changes
#   committed             its point of no return is behind it
#   sent BYTES UPTIME     read so far by the process whose id stands in "transport"
#   ended EXIT UPTIME     its exit status, or "died"; then ok
# One tick is one `sleep`; all else is the shell itself. Ends when its stdin is closed or silent for 60 s.
set -u
root=${XENFERRY_ROOT:-/var/lib/xenferry}
job=$root/jobs/$1
skip=${2:-0}
[ -e "$job/log" ] || { echo "failed gone"; exit 1; }
self=$$
if [ "${XENFERRY_HEARD:-}" != no ]; then
  # the other side's heartbeats: when they stop, so do we. `read` ends with the link; the clock catches a link that hangs.
  beat=$job/heard.$self
  exec 4<&0
  ( while IFS= read -r _ <&4; do : >"$beat"; done; kill "$self" ) 2>/dev/null 3>&- 1>&- &
  reader=$!
  trap 'kill $reader 2>/dev/null; rm -f "$beat"' EXIT
  trap 'exit 0' TERM HUP PIPE INT
  exec 4<&- </dev/null
fi
read -r boot </proc/sys/kernel/random/boot_id
[ -e "$job/began" ] && read -r began <"$job/began" && echo "began $began"
exec 3<"$job/log"
part='' phase='' sent='' committed='' silent=0
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
  if [ -e "$job/transport" ] && read -r pid _ <"$job/transport" && [ -r "/proc/$pid/io" ]; then
    read -r up _ </proc/uptime
    read -r _ bytes 2>/dev/null <"/proc/$pid/io" || bytes=$sent
    if [ "$bytes" != "$sent" ]; then sent=$bytes; echo "sent $bytes $up"; fi
  fi
}
while :; do
  # whether it has ended is asked before its log is read, so that its last words are not missed
  over=
  if [ -e "$job/exit" ]; then
    read -r over <"$job/exit"
  elif [ -e "$job/pid" ]; then
    read -r pid start theirs <"$job/pid"
    stat=
    if [ "$theirs" != "$boot" ] || ! read -r stat 2>/dev/null <"/proc/$pid/stat"; then over=died; else
      # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
      set -- ${stat##*) }
      [ "${20}" = "$start" ] || over=died
    fi
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
  if [ -n "${beat:-}" ]; then
    if [ -e "$beat" ]; then silent=0; rm -f "$beat"; else silent=$((silent + 1)); fi
    [ "$silent" -le 60 ] || exit 0
  fi
  sleep 1
done
