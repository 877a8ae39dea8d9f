#!/bin/sh
# move-qcow2   what this host lacks to read and to write qcow2 files as a move does it (move-shown.sh, move-disks-in.sh); changes nothing
#   lacks WHAT   for each: qemu-img, qemu-nbd, or nbd, the module of the kernel
#   ok
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
for tool in qemu-img qemu-nbd; do
  command -v "$tool" >/dev/null 2>&1 || echo "lacks $tool"
done
# busybox's modprobe can't be asked what it would do
[ -e /sys/block/nbd0 ] || modprobe -n nbd >/dev/null 2>&1 || modinfo nbd >/dev/null 2>&1 || echo "lacks nbd"
echo ok
