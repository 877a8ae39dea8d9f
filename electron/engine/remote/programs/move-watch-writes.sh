#!/bin/sh
# Read (with `.`) by disks (move-disks.sh) in the job's folder, as `watch-writes`: who writes to the guest's disks. Block events of the
# devices that serve the guest, in an instance of our own, with room for a second's worth and more.
# shellcheck disable=SC2154,SC2034 # id, tab and chunk are of `disks`, as are the columns of disks.list
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
    { room >"$instance/buffer_size_kb" || echo 1024 >"$instance/buffer_size_kb"; } 2>/dev/null; then
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
# KiB for each CPU: 8 MiB, and of all no more than 64.
room() {
  set -- "$instance"/per_cpu/cpu*
  each=$((65536 / $#))
  [ "$each" -le 8192 ] || each=8192
  [ "$each" -ge 1024 ] || each=1024
  echo "$each"
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
# Whether what we hear is still what serves the guest: a disk that was taken away and brought again meanwhile has another device.
same_devices() { # DOMID
  while IFS=$tab read -r n how size vdev path; do
    heard=$(sed -n "s/ $n\$//p" devices)
    [ -z "$heard" ] || [ "$(device_of "$1" "$vdev" </dev/null)" = "$heard" ] || return 1
  done <disks.list
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
  dd if="$instance/trace_pipe" bs=65536 iflag=nonblock 2>/dev/null | awk -v chunk="$chunk" -v mark="$mark" -v CONVFMT=%.15g -v OFMT=%.15g '
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
# Whether so much waits that it should be drained: asked often (each second while the guest's memory goes), and so without a process.
filling() {
  for stats in "$instance"/per_cpu/cpu*/stats; do
    # a kernel that doesn't say how much: it may be full
    word='' count=''
    read -r word count <"$stats" || return 0
    [ "$word" = entries: ] && [ "$count" -lt 1000 ] || return 0
  done 2>/dev/null
  return 1
}
lost_any() {
  [ ! -e lost ] || return 0
  [ "$(cat "$instance"/per_cpu/cpu*/stats 2>/dev/null | awk '/^(overrun|commit overrun|dropped events):/ { s += $NF } END { print s + 0 }')" != 0 ]
}
is_traced() { [ "$how" = traced ] && ! [ -e lost ] && grep -q " $1\$" devices; }
