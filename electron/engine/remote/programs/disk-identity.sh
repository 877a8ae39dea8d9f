#!/bin/sh
# What a block device lies on, told so that two hosts say the same of the same hardware, and of no other. Stands in front of what asks.

# A fork costs much on a busy host: where one disk lies under it, there is none.

# A device's folder in /sys: sets under to the hardware it lies on, comma between; - where one of it has no identity.
lies_on() {
  under=''
  set -- "$1" ''
  while [ "$#" -gt 0 ]; do
    sys=$1 part=$2 own='' number='' on=''
    shift 2
    if read -r own 2>/dev/null <"$sys/partition"; then part="#$own$part" sys=$sys/..; fi
    own=''
    read -r number 2>/dev/null <"$sys/dev"
    case $number in
      147:*) own=$(drbd_of "${number#*:}") ;;
      *)
        for slave in "$sys"/slaves/*; do
          [ ! -e "$slave" ] || { set -- "$@" "$slave" "$part" && on=1; }
        done
        [ -z "$on" ] || continue
        read -r own 2>/dev/null <"$sys/wwid" || read -r own 2>/dev/null <"$sys/device/wwid" || read -r own 2>/dev/null <"$sys/serial"
        # QEMU gives every machine's first disk this number
        case $own in *QM0000[0-9]*) own='' ;; esac
        ;;
    esac
    case $own in *[\ ,]*) own=$(printf '%s' "$own" | tr -s ' ,' '__') ;; esac
    under=${under:+$under,}${own:+$own$part}
    [ -n "$own" ] || { under=- && return; }
  done
  case $under in *,*) under=$(printf '%s' "$under" | tr ',' '\n' | sort -u | tr '\n' ',') ;; esac
  under=${under%,}
}

# GROUP: sets under to what its volumes lie on
group_lies_on() {
  all=''
  for device in $(timeout 20 vgs --noheadings -o pv_name "$1" 2>/dev/null </dev/null); do
    device=$(readlink -f "$device")
    lies_on "/sys/class/block/${device##*/}"
    all=${all:+$all,}$under
  done
  case ,$all, in
    ,, | *,-,*) under=- ;;
    *) under=$all ;;
  esac
}

# MAJOR:MINOR of a block device that is no logical volume: sets own to its identity, or -
identify() {
  lies_on "/sys/dev/block/$1"
  layer=''
  if read -r layer 2>/dev/null <"/sys/dev/block/$1/dm/uuid"; then
    case $layer in mpath-*) layer='' ;; esac # many ways to one disk
  elif [ -d "/sys/dev/block/$1/md" ]; then
    layer=md
  fi
  own=$under
  [ "$under" = - ] || [ -z "$layer" ] || own=$(printf '%s' "$layer" | tr -s ' ' '_')@$under
}

# MINOR of a DRBD device: its volume and all addresses of its resource, which each of its hosts knows
drbd_of() {
  timeout 20 drbdsetup show 2>/dev/null </dev/null | awk -v minor="$1;" '
    $1 == "resource" { if (mine) exit; addresses = "" }
    $1 == "volume" { volume = $2 }
    $2 == "minor" && $3 == minor { mine = 1; at = volume }
    $2 ~ /^(ipv4|ipv6|ssocks|sdp)$/ { sub(/;$/, "", $3); addresses = addresses $3 "\n" }
    END { if (mine && addresses != "") printf "drbd%s\n%s", at, addresses }' | sort -ru | tr '\n' '+'
}

# MINOR of a DRBD device: what keeps a guest from writing to it here (secondary, apart, stale); nothing: it may
drbd_lacks() {
  timeout 20 drbdsetup events2 --now 2>/dev/null </dev/null | awk -v minor="$1" '
    function of(key,   i) { for (i = 3; i <= NF; i++) if (index($i, key ":") == 1) return substr($i, length(key) + 2); return "" }
    $1 != "exists" { next }
    $2 == "resource" { role[of("name")] = of("role") }
    $2 == "connection" && of("connection") != "Connected" { apart[of("name")] = 1 }
    $2 == "connection" { linked[of("name")] = 1 }
    $2 == "device" && of("minor") == minor { name = of("name"); disk = of("disk") }
    END {
      if (disk != "UpToDate") print "stale"
      else if (apart[name] || !linked[name]) print "apart"
      else if (role[name] != "Primary") print "secondary"
    }'
}
