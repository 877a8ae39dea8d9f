#!/bin/sh
# For config.sh, which comes behind it: who uses a disk, and which disks stayed under their names when an entry of the trash was made.
# shellcheck disable=SC2154 # tab and bin are set there

# The disks of all domains, a line each: MAJOR:MINOR (hexadecimal, as block-common.sh writes it; - while its script still works) PATH.
# Fails where nobody can tell.
backends() {
  kinds=$(xenstore-list /local/domain/0/backend 2>/dev/null) || { xenstore-list /local/domain >/dev/null 2>&1; return; }
  for kind in $kinds; do
    case $kind in vbd | vbd3 | qdisk) ;; *) continue ;; esac
    domids=$(xenstore-list "/local/domain/0/backend/$kind" 2>/dev/null) || return 1
    for domid in $domids; do
      vbds=$(xenstore-list "/local/domain/0/backend/$kind/$domid" 2>/dev/null) || return 1
      for vbd in $vbds; do
        vbd=/local/domain/0/backend/$kind/$domid/$vbd
        number=$(xenstore-read "$vbd/physical-device" 2>/dev/null)
        printf '%s %s\n' "${number:--}" "$(xenstore-read "$vbd/params" 2>/dev/null | sed 's,^[^/]*,,')"
      done
    done
  done
}
# Whether a domain has this path, by any of its names, or this device: of what `backends` said.
has_it() { # BACKENDS PATH [MAJOR:MINOR]
  printf '%s\n' "$1" | while IFS=' ' read -r number path; do
    [ "$number" ] || continue
    # shellcheck disable=SC3013 # dash and busybox know -ef
    if [ "$path" = "$2" ] || [ "$path" -ef "$2" ] || [ "$number" = "${3-}" ]; then echo yes; fi
  done | grep -q yes
}
# Whether no loop device has the file. One that is no domain's any more was left by libxl, which kills a block script that takes longer
# than 40 s (LIBXL_HOTPLUG_TIMEOUT): it goes. Where somebody else has it open, the kernel keeps it.
no_loop() { # FILE
  loops=$(losetup -j "$1" 2>/dev/null)
  [ "$loops" ] || return 0
  had=$(backends) || return 1
  printf '%s\n' "$loops" | while IFS= read -r loop; do
    loop=${loop%%:*}
    number=$(stat -c %t:%T "$loop" 2>/dev/null) || continue
    has_it "$had" "$1" "$number" || losetup -d "$loop" >/dev/null 2>&1
  done
  [ -z "$(losetup -j "$1" 2>/dev/null)" ]
}

# What tells a disk from another one that stands in its place one day.
which_of() { if [ -b "$1" ]; then lvs --noheadings -o lv_uuid "$1" 2>/dev/null </dev/null | tr -d ' '; else stat -L -c %i.%W -- "$1"; fi; }
# Of the open entry: the rows of those that stand there still.
kept_rows() {
  # shellcheck disable=SC2016 # awk's own
  awk -F "$tab" '$1 == "kept" { kept[$3] = $2 FS $3 FS $4 } $1 ~ /^(file|volume|base)$/ { delete kept[$2] }
    END { for (one in kept) print kept[one] }' "$bin/manifest" | while IFS=$tab read -r which path vdev; do
    if [ -e "$path" ] && [ "$(which_of "$path")" = "$which" ]; then printf "kept$tab%s$tab%s$tab%s\n" "$which" "$path" "$vdev"; fi
  done
}
