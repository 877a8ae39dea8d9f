#!/bin/sh
# move-address DOMID MAC...   addresses this host knows of a guest: from xenstore (guest agents write them), from its neighbour table,
# from leases of dnsmasq. Answers: address IP · ok
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
domid=$1
shift
if [ -n "$domid" ]; then
  for key in attr/vif/0/ipv4/0 attr/eth0/ip attr/vif/0/ipv6/0 data/net/0/ip; do
    value=$(xenstore-read "/local/domain/$domid/$key" 2>/dev/null) && [ -n "$value" ] && echo "address $value"
  done
fi
for mac in "$@"; do
  ip neigh show 2>/dev/null | grep -i -F -- "$mac" | while read -r address _; do
    case $address in fe80:*) ;; *) echo "address $address" ;; esac
  done
  cat /var/lib/misc/dnsmasq.leases /var/lib/dnsmasq/*.leases 2>/dev/null | grep -i -F -- "$mac" | while read -r _ _ address _; do
    echo "address $address"
  done
done
echo ok
