# examine: looks at a host and changes nothing.
#
# Says a line a finding; what comes from others stands at the end of a line, or in a block. Last line: ok.
# Nothing here may hang: a dead NFS server must not keep a host from being seen.
# shellcheck shell=sh
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH
tab='	'
newline='
'

# block NAME COMMAND…: its standard output, each line with | in front, and its exit code.
block() {
  name=$1
  shift
  out=$("$@" 2>/dev/null)
  code=$?
  echo "begin $name"
  [ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/|/'
  echo "end $name $code"
}

# Long for a busy host, short for a person who waits.
soon() { timeout 40 "$@"; }

echo "user $(id -u)"

for tool in xl xenstore-watch xenstore-read xentop qemu-img lvs lvcreate flock setsid systemd-run ssh ip pygrub; do
  if command -v "$tool" >/dev/null 2>&1; then echo "have $tool"; fi
done
if [ -d /run/systemd/system ]; then echo systemd; fi
# What move-disks needs to be told of writes: its events, instances of its own, and a dd that doesn't wait for more (busybox has none).
for folder in /sys/kernel/tracing /sys/kernel/debug/tracing; do
  if [ -d "$folder/instances" ] && [ -d "$folder/events/block/block_rq_complete" ] && dd if=/dev/null of=/dev/null iflag=nonblock 2>/dev/null; then
    echo traces
    break
  fi
done

# Who manages guests here besides xl.
if [ -e /etc/xensource-inventory ] || [ -S /var/lib/xcp/xapi ]; then echo "toolstack xapi"; fi
if [ -S /var/run/xend/xmlrpc.sock ] || [ -S /var/run/xend/xen-api.sock ] || [ -e /var/run/xend.pid ]; then echo "toolstack xend"; fi

if grep -q control_d /proc/xen/capabilities 2>/dev/null; then echo dom0; fi
if read -r kind 2>/dev/null </sys/hypervisor/type; then echo "hypervisor $kind"; fi

if command -v xl >/dev/null 2>&1; then
  block info soon xl info
  # Why it can't be had, if so: the same on standard error.
  if [ "$code" != 0 ]; then
    said=$(soon xl info 2>&1 >/dev/null | tail -n 3)
    echo "begin why"
    printf '%s\n' "$said" | sed 's/^/|/'
    echo "end why 0"
  fi
fi

echo "hostname $(hostname 2>/dev/null || uname -n)"
block cpu grep -m 2 -E '^(model name|vendor_id)' /proc/cpuinfo
block os grep -E '^PRETTY_NAME=' /etc/os-release
if read -r id 2>/dev/null </etc/machine-id; then echo "machine $id"; fi
if read -r id 2>/dev/null </sys/class/dmi/id/product_uuid; then echo "dmi $id"; fi
for key in /etc/ssh/ssh_host_*_key.pub; do
  if [ -e "$key" ] && read -r kind bytes _ <"$key"; then echo "hostkey $kind $bytes"; fi
done
block addresses soon ip -o addr show

for bridge in /sys/class/net/*/bridge; do
  [ -d "$bridge" ] || continue
  device=${bridge%/bridge}
  read -r flags <"$device/flags"
  up=$((flags & 1))
  ports=
  for port in "$device"/brif/*; do
    if [ -e "$port" ]; then ports="$ports ${port##*/}"; fi
  done
  echo "bridge ${device##*/} $up$ports"
done
if command -v ovs-vsctl >/dev/null 2>&1; then
  for device in $(soon ovs-vsctl --timeout=5 list-br 2>/dev/null); do
    echo "bridge $device 1 $(soon ovs-vsctl --timeout=5 list-ports "$device" 2>/dev/null | tr '\n' ' ')"
  done
fi

for folder in /etc/xen /etc/xen/vm; do
  if [ -d "$folder" ]; then echo "folder $folder"; fi
done
if [ -w /etc/xen ]; then echo writable; fi

# Where disks may lie: the usual folders, and every mount that isn't the system's own.
usual='/var/lib/xen/images /var/lib/libvirt/images /srv/xen /srv/vm /srv/images /vm /vms /xen /data'
mounts=$(while read -r _ where kind _; do
  case $where in / | /boot* | /usr* | /proc* | /sys* | /dev* | /run* | /tmp* | /snap* | /var/lib/docker*) continue ;; esac
  case $where in *\\*) continue ;; esac # a space, written \040: not for us
  case $kind in ext[234] | xfs | btrfs | zfs | jfs | reiserfs | f2fs | nfs | nfs4 | cifs | ceph | fuse.glusterfs | ocfs2 | gfs2 | autofs) echo "$where" ;; esac
done </proc/mounts)
exported=$(cut -f 1 /var/lib/nfs/etab 2>/dev/null | sort -u)
places=$(for place in $usual $mounts $exported; do echo "$place"; done | sort -u)
seen=
for place in $places; do
  # the look itself mounts what is mounted on first use
  timeout 5 test -d "$place/." 2>/dev/null || continue
  row=$(timeout 5 df -PTk "$place" 2>/dev/null | tail -n 1)
  [ -n "$row" ] || continue
  seen="$seen $place"
  how=
  case "$newline$exported$newline" in *"$newline$place$newline"*) how='export' ;; esac
  echo "$row" | {
    read -r source kind total _ free _
    printf 'place %s\t%s\t%s\t%s\t%s\t%s\n' "$kind" "$total" "$free" "$source" "$how" "$place"
  }
done

# Images and installation discs in those places and the usual ones, at most 300.
looked=$(for folder in $seen /var/lib/xen/iso /iso /isos /srv/iso /root; do if [ -d "$folder" ]; then echo "$folder"; fi; done | sort -u)
# shellcheck disable=SC2086 # a list of folders without spaces
timeout 20 find $looked -maxdepth 3 ! -name "*$newline*" -type f \( -iname '*.iso' -o -name '*.img' -o -name '*.raw' -o -name '*.qcow2' -o -name '*.qcow' \) \
  ! -size 0 -exec stat -c "%s$tab%n" {} + 2>/dev/null | sort -u -t "$tab" -k 2 | head -n 300 | while IFS=$tab read -r size path; do
  case $path in
    *.[iI][sS][oO]) echo "iso $size$tab$path" ;;
    *)
      format=raw
      if timeout 5 head -c 3 "$path" 2>/dev/null | grep -q QFI; then format=qcow2; fi
      echo "image $format $size$tab$path"
      ;;
  esac
done

for path in /boot/vmlinuz* /boot/xen-guest/vmlinuz* /var/lib/xen/boot/*; do
  [ -f "$path" ] || continue
  case ${path##*/} in
    *"$newline"*) ;;
    vmlinuz* | *kernel* | *bzImage*) echo "kernel $path" ;;
  esac
done
for path in /boot/initr* /boot/xen-guest/initr* /var/lib/xen/boot/initr*; do
  case $path in *"$newline"*) continue ;; esac
  if [ -f "$path" ]; then echo "initrd $path"; fi
done

if command -v vgs >/dev/null 2>&1; then
  block groups soon vgs --noheadings --nosuffix --units b --separator '|' -o vg_name,vg_size,vg_free,vg_uuid,vg_extent_size
  block volumes soon lvs --noheadings --nosuffix --units b --separator '|' -o vg_name,lv_name,lv_size,lv_uuid,lv_attr,lv_path
fi
echo ok
