#!/bin/sh
# watch TICK AUTO CONFIGS VM
#
# The one long-running program of a host: says what changes there, until its standard input closes or no `beat` came for 60 s.
# TICK: seconds between figures. AUTO: folder of autostart links. CONFIGS: folder of *.cfg. VM: folder in which every file is a config.
#
# It is told, a line each:
#   beat            whoever asked is still there; now is the time to look whether config files changed
#   figures N       figures every N seconds from now on
#   list            list the domains now
#   live N … | all  the live config of these domains
#   info            free memory of the host
#   config PATH     the text of one config file
#   files           look at the config files now
#   echo WORD       says it again: everything asked before has been answered then
# It says, a line each (a block is `begin WORD…`, lines with | in front, `end WORD CODE`; f-lines may stand between any two lines):
#   hello 1
#   list            block: xl list -v; once the events are heard, and again when a domain came, went, or was renamed or resized
#   live N          block: xl list -l N (`live all`: of all)
#   info            block: free_memory and outstanding_claims of xl info
#   files           block: SIZE MTIME CTIME PATH of every config file, and of what autostart links lead to; at first and when any changed
#   auto            block: LINK tab TARGET of the autostart links; after files
#   config PATH     block: text of the file; the end line carries its sha256, or `-` when it could not be read
#   echo WORD       see above
#   jobs            the folder of jobs changed: one came or went
#   device N        a disk or network card of domain N came or went
#   figures N       xentop starts anew: the next sample has no rates
#   f               a sample begins
#   f LINE          a line of xentop in this sample (its header once after `figures`)
#   problem WORD    xentop or events: it ended; lists go on by the clock
#
# Who writes: `centre` and xentop's awk, whole lines in one write(2) that a pipe takes whole, so that no line is torn. awk waits for a
# sample of as many lines as the one before: each write wakes sshd.
# It costs next to nothing: between two figures no process is started and no byte of xentop's is read by a shell (a shell
# reads one byte a system call); `beat`, sent after each sample, is the clock. Events act at once, and those of the 100 ms
# after gather into one.
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
tick=$1 auto=$2 configs=$3 vm=$4
jobs=${XENFERRY_ROOT:-/var/lib/xenferry}/jobs
newline='
'

# xentop every $1 seconds; its pid and its end are told to the centre (descriptor 5).
figures() {
  printf 'figures %s\n' "$1"
  case $(awk -W version 2>&1 </dev/null) in mawk*) now='-W interactive' ;; *) now= ;; esac # mawk waits for whole blocks otherwise
  (
    # shellcheck disable=SC2016,SC2086 # for the inner shell: it tells its pid, then becomes xentop; the option of awk, or none
    sh -c 'echo "xentop $$" >&5; exec xentop -b -f -d "$1" 2>/dev/null 5>&-' xentop "$1" </dev/null |
      awk $now '
        function out() { if (whole != "") printf "%s", whole; fflush(); whole = "" }
        /^ +NAME  STATE / { out(); most = lines; lines = 0; whole = "f\n"; if (!named++) whole = whole "f " $0 "\n"; next }
        { whole = whole "f " $0 "\n"; if (++lines >= most || length(whole) > 3000) out() }' 5>&-
    echo "xentop-ended $2" >&5
  ) &
}

# Says a word to the centre after some seconds; ended early, it leaves no sleep behind.
later() {
  (
    trap 'kill "$nap" 2>/dev/null; exit' TERM
    sleep "$1" 5>&- &
    nap=$!
    wait "$nap"
    echo "$2" >&5
  ) </dev/null >/dev/null &
}

# block WORDS CODE TEXT
block() {
  printf 'begin %s\n' "$1"
  before=$IFS
  IFS=$newline
  set -f
  for line in $3; do printf '|%s\n' "$line"; done
  set +f
  IFS=$before
  printf 'end %s %s\n' "${1%% *}" "$2"
}

list() {
  text=$(timeout 60 xl list -v 2>/dev/null 5>&-)
  block list $? "$text"
}

live() {
  for domid in "$@"; do
    case $domid in
      all) text=$(timeout 60 xl list -l 2>/dev/null 5>&-) ;;
      *) text=$(timeout 60 xl list -l "$domid" 2>/dev/null 5>&-) ;;
    esac
    block "live $domid" $? "$text"
  done
}

info() {
  text=$(timeout 60 xl info 2>/dev/null 5>&- | grep -E '^(free_memory|outstanding_claims) ')
  block info $? "$text"
}

config() {
  # shellcheck disable=SC2046 # the first word is the sum
  set -- "$1" $(sha256sum <"$1" 2>/dev/null)
  printf 'begin config %s\n' "$1"
  [ "${2-}" ] && while IFS= read -r line || [ "$line" ]; do printf '|%s\n' "$line"; done <"$1"
  printf 'end config %s\n' "${2--}"
}

# Whether a config may have changed since the last look: tests of the shell itself, no process. "Not older than" serves
# shells that know only whole seconds too. Folders each time; files that somebody writes in place each fifth time. And every
# hundred beats for sure: a clock may have been set back.
changed() {
  beats_since=$((beats_since + 1))
  [ "$beats_since" -ge 100 ] && return 0
  set -- "$jobs" "$configs" "$vm" "$auto"
  [ $((beats_since % 5)) -ne 0 ] || set -- "$@" "$configs"/*.cfg "$vm"/* "$auto"/*
  for path in "$@"; do
    # shellcheck disable=SC3013 # not in POSIX, but in dash, bash, busybox and ksh
    [ -e "$path" ] && ! [ "$looked" -nt "$path" ] && return 0
  done
  return 1
}

# One stat of all; what it says is told only when it changed.
files() {
  beats_since=0
  true >"$looked" 2>/dev/null # not ":", whose failing redirection would end the shell
  before=$worked
  worked=$(stat -c %y -- "$jobs" 2>/dev/null)
  if [ "$before" != unseen ] && [ "$before" != "$worked" ]; then echo jobs; fi
  stamps=$(stat -L -c '%s %y %z %n' -- "$configs"/*.cfg "$vm"/* "$auto"/* 2>/dev/null)
  [ "$stamps" = "$seen" ] && return
  seen=$stamps
  block files 0 "$stamps"
  links=
  for link in "$auto"/*; do
    [ -f "$link" ] && links="$links$link	$(readlink -f -- "$link")$newline"
  done
  block auto 0 "$links"
}

# An event: at once when nothing happened lately, else gathered.
event() {
  if [ "$gathering" ]; then
    late=1
  else
    list
    gathering=1
    late=
    later 0.1 quiet
  fi
}

stop() {
  trap - PIPE HUP INT TERM
  rm -f -- "$looked"
  # shellcheck disable=SC2086 # a list of pids
  kill $reader $events $pulse $xentop 2>/dev/null
  exit 0
}

ask() {
  case $1 in
    beat)
      beats=1
      changed && files
      [ "$blind" ] && list
      ;;
    end) stop ;;
    list) list ;;
    info) info ;;
    files) files ;;
    'echo '*) printf '%s\n' "$1" ;;
    'live '*)
      set -f
      # shellcheck disable=SC2086 # words of our own making
      live ${1#live }
      ;;
    'config '*) config "${1#config }" ;;
    'figures '*)
      tick=${1#figures } generation=$((generation + 1))
      [ "$xentop" ] && kill "$xentop" 2>/dev/null
      xentop=
      figures "$tick" "$generation"
      ;;
  esac
}

hear() {
  case $1 in
    'in '*) ask "${1#in }" ;;
    @releaseDomain) if [ "$registered" ]; then event; else registered=1; fi ;; # each watch speaks once when it is set
    @introduceDomain) event ;;
    /local/domain/0/*) ;;
    /local/domain/*/name | /local/domain/*/memory/target) event ;;
    /local/domain/*/device/v[bi][df]/*/*) ;;
    /local/domain/*/device/v[bi][df]/*)
      domid=${1#/local/domain/}
      printf 'device %s\n' "${domid%%/*}"
      ;;
    quiet)
      gathering=
      [ "$late" ] && event
      ;;
    pulse)
      [ "$beats" ] || stop
      beats=
      later 60 pulse
      pulse=$!
      ;;
    'reader '*) reader=${1#reader } ;;
    'xentop '*)
      [ "$xentop" ] && kill "$xentop" 2>/dev/null
      xentop=${1#xentop }
      ;;
    "xentop-ended $generation")
      xentop=
      echo 'problem xentop'
      ;;
    'events '*) events=${1#events } ;;
    events-ended)
      events='' blind=1
      echo 'problem events'
      ;;
  esac
}

centre() {
  exec 5>/proc/self/fd/0 # the pipe we read from: our own helpers speak to us through it
  reader='' events='' registered='' pulse='' xentop='' generation=0 seen=none gathering='' late='' beats=1 blind=''
  beats_since=0 worked=unseen
  looked=$(mktemp /run/xenferry-watch.XXXXXX 2>/dev/null || mktemp)
  trap stop PIPE HUP INT TERM
  echo 'hello 1'
  (
    # shellcheck disable=SC2016 # for the inner shell: it tells its pid, then becomes xenstore-watch
    sh -c 'echo "events $$" >&5; exec xenstore-watch @introduceDomain @releaseDomain /local/domain 2>/dev/null >&5 5>&-'
    echo events-ended >&5
  ) </dev/null &
  files
  figures "$tick" 0
  later 60 pulse
  pulse=$!
  while IFS= read -r said; do hear "$said"; done
}

{
  # shellcheck disable=SC2016 # for the inner shell
  sh -c 'echo "reader $PPID"'
  while IFS= read -r line; do printf 'in %s\n' "$line"; done
  echo 'in end'
} | centre
