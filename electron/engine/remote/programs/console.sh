#!/bin/sh
# console DOMID   the text console of a running domain, on this pty: serial of an HVM guest, hvc0 of a PV or PVH one.
# Nothing else: who attaches again, and where, is decided by the engine. It ends when the domain is gone or the pty is hung up.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
exec xl console "$1"
