#!/bin/sh
# twin-look COUNT FOLDER… CONFIG…    what the examination doesn't tell of a host as a partner of another; changes nothing
#   COUNT   how many of the paths are folders that the other host's guests use; the rest are configs of this host's guests
# It says: policy (a block: xen-cpuid -p) · keymaps · keymap NAME · config (a block each, of those that name a keymap)
#   network WHAT · sourced SUFFIX (files of interfaces.d that end so are read) · nic WHY NAME · at N folder|other|missing
# Last line: ok.
# shellcheck shell=sh
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH
newline='
'

# The tool of the Xen that runs: where several are installed, the others refuse. Debian keeps it beside each version's xl.
for tool in "$(command -v xen-cpuid)" /usr/lib/xen*/bin/xen-cpuid /usr/lib64/xen*/bin/xen-cpuid /usr/libexec/xen*/bin/xen-cpuid /usr/local/lib/xen*/bin/xen-cpuid; do
  [ -x "$tool" ] || continue
  if said=$(timeout 40 "$tool" -p 2>/dev/null) && [ -n "$said" ]; then
    echo 'begin policy'
    printf '%s\n' "$said" | sed 's/^/|/'
    echo 'end policy 0'
    break
  fi
done

for folder in /usr/share/qemu/keymaps /usr/share/qemu-xen/keymaps /usr/share/qemu-xen/qemu/keymaps /usr/share/xen/qemu/keymaps \
  /usr/local/share/qemu/keymaps /usr/local/share/qemu-xen/qemu/keymaps /usr/lib/xen*/share/qemu*/keymaps; do
  [ -d "$folder" ] || continue
  echo keymaps
  for file in "$folder"/*; do
    case $file in *"$newline"*) continue ;; esac
    if [ -f "$file" ]; then printf 'keymap %s\n' "${file##*/}"; fi
  done
done

# What configures the network at boot. ifupdown counts where it configures more than the loopback: it is often installed and idle.
active() { timeout 10 systemctl -q is-active "$1" 2>/dev/null; }
own() { grep -hsE '^[[:space:]]*iface[[:space:]]' /etc/network/interfaces /etc/network/interfaces.d/* | grep -qvE 'iface[[:space:]]+lo[[:space:]]'; }
any() {
  for file; do
    [ ! -e "$file" ] || return 0
  done
  return 1
}
network=unknown
if any /etc/netplan/*.yaml && command -v netplan >/dev/null 2>&1; then
  network=netplan
elif command -v wicked >/dev/null 2>&1 && any /etc/sysconfig/network/ifcfg-*; then
  network=wicked
elif command -v ifup >/dev/null 2>&1 && own; then
  network=ifupdown
elif active systemd-networkd; then
  network=networkd
elif active NetworkManager; then
  network=networkManager
fi
echo "network $network"
# `source /etc/network/interfaces.d/*`, with or without a suffix, or `source-directory`
sed -nE -e 's#^[[:space:]]*source[[:space:]]+(/etc/network/)?interfaces\.d/\*([A-Za-z0-9_.-]*)[[:space:]]*$#sourced \2#p' \
  -e 's#^[[:space:]]*source-dir(ectory)?[[:space:]]+(/etc/network/)?interfaces\.d/?[[:space:]]*$#sourced #p' /etc/network/interfaces 2>/dev/null

# Why an interface can't be a bridge's port; the same question stands in make.sh.
hindrance() {
  if [ -e "/sys/class/net/$1/master" ]; then echo member && return; fi
  for upper in "/sys/class/net/$1"/upper_*; do
    if [ -e "$upper" ]; then echo below && return; fi
  done
  if ! said=$(timeout 10 ip -o addr show dev "$1" 2>/dev/null); then echo address && return; fi
  if printf '%s\n' "$said" | grep -qE ' inet | inet6 .* scope (global|site)'; then echo address && return; fi
  echo free
}
for device in /sys/class/net/*; do
  name=${device##*/}
  case $name in vif* | tap*) continue ;; esac
  if [ -e "$device/device" ] || [ -d "$device/bonding" ]; then echo "nic $(hindrance "$name") $name"; fi
done

count=$1
shift
at=0
for path; do
  at=$((at + 1))
  if [ "$at" -le "$count" ]; then
    # the look itself mounts what is mounted on first use; a dead server must not keep us
    if timeout 5 test -d "$path/." 2>/dev/null; then
      echo "at $at folder"
    elif [ -e "$path" ] || [ -L "$path" ]; then
      echo "at $at other"
    else
      echo "at $at missing"
    fi
  elif grep -qs keymap "$path"; then
    echo "begin config-$at"
    sed 's/^/|/' "$path"
    echo "end config-$at 0"
  fi
done
echo ok
