#!/bin/sh
# lease VERB …   small files beside images on storage that several hosts see as files: who runs a guest from them. Evidence, not a lock:
# nothing of Xen looks at them, and a guest that ends does not take its own away (docs/decisions/0040).
#   take UUID NAME [SEEN DISK]…   writes ".IMAGE.xenferry-lease" beside each DISK that is such an image. SEEN: the id of the lease that was
#                 judged to be over, '-' for none: another one there now is of somebody who was quicker. '*': whichever.
#                 Says "lease DISK", "unwritable DISK" (goes on without: a full or read-only share hinders nobody), "held DISK" (exit 3)
#   run DOMID     adds as which domain it runs
#   over          a guest came here: takes over what "lease.of" names (UUID, NAME, DISK…, a line each), as the domain of that name
#   give          takes ours away again
# Works in the folder of a job or of an incoming move, whose name is the lease's id; "leases" there holds what was taken.
set -u
umask 022
id=${PWD##*/}

# Whether several hosts see this file: it lies on a file system of that kind, or below a folder this host exports. Sets: real
shared() {
  real=$(readlink -f -- "$1") && [ -f "$real" ] || return 1
  best='' kind=''
  while read -r _ where fs _; do
    case $where in *\\*) where=$(printf '%b' "$where") ;; esac # a space is \040 there
    case $real in "${where%/}"/*) ;; *) continue ;; esac
    [ "${#where}" -ge "${#best}" ] || continue
    best=$where kind=$fs
  done </proc/mounts
  case $kind in
    nfs | nfs4 | cifs | smb3 | ceph | glusterfs | gfs2 | ocfs2 | lustre | gpfs | beegfs) return 0 ;;
    fuse.glusterfs | fuse.sshfs | fuse.ceph* | fuse.moosefs) return 0 ;;
  esac
  [ -r /var/lib/nfs/etab ] || return 1
  while read -r where _; do
    case $where in *\\*) where=$(printf '%b' "$where") ;; esac
    case $real in "${where%/}"/*) return 0 ;; esac
  done </var/lib/nfs/etab
  return 1
}

# The id of the lease in a file, or nothing.
id_of() { sed -n '1,20s/^id //p' "$1" 2>/dev/null | head -n 1; }

text() {
  machine='' boot='' host=''
  read -r machine 2>/dev/null </etc/machine-id || read -r machine 2>/dev/null </sys/class/dmi/id/product_uuid
  read -r boot </proc/sys/kernel/random/boot_id
  read -r host </proc/sys/kernel/hostname
  printf '%s\n' 'xenferry-lease 1' "id $id" "machine $machine" "boot $boot" "uuid $1" 'domid -' "since $(date +%s)" "hostname $host" "name $2"
}

# Gives the new file the lease's name. Where there is none it must stay so until then; of those who take over the same one, SEEN, the
# first has a claim beside it, and the others wait for nothing. Not every share knows hard links: there the last one has it.
settle() { # NEW FILE SEEN
  sync -- "$1" 2>/dev/null
  if [ ! -e "$2" ]; then
    ln -- "$1" "$2" 2>/dev/null || { [ ! -e "$2" ] && mv -- "$1" "$2"; }
    return
  fi
  claim=$2.after
  find "$claim" -mmin +5 -exec rm -f -- {} + 2>/dev/null # of whoever was killed meanwhile
  if ! ln -- "$1" "$claim" 2>/dev/null && [ -e "$claim" ]; then return 3; fi
  if [ "$(id_of "$2")" = "$3" ]; then mv -f -- "$1" "$2"; else how=3; fi
  rm -f -- "$claim"
  return "${how:-0}"
}

give() {
  [ -e leases ] || return 0
  while IFS= read -r file; do
    [ "$(id_of "$file")" != "$id" ] || rm -f -- "$file"
  done <leases
  rm -f leases
}

take() {
  uuid=$1 name=$2
  shift 2
  : >leases
  while [ $# -ge 2 ]; do
    seen=$1 disk=$2
    shift 2
    shared "$disk" || continue
    file=${real%/*}/.${real##*/}.xenferry-lease
    there=$(id_of "$file")
    [ "$seen" != '*' ] || seen=$there
    if [ "$there" != "${seen#-}" ] && [ "$there" != "$id" ]; then
      give
      printf 'held %s\n' "$disk"
      exit 3
    fi
    new=$file.$id
    how=0
    if (text "$uuid" "$name" >"$new") 2>/dev/null && [ -s "$new" ]; then settle "$new" "$file" "$there" 2>/dev/null || how=$?; fi
    rm -f -- "$new" 2>/dev/null
    there=$(id_of "$file")
    if [ "$there" = "$id" ]; then
      printf '%s\n' "$file" >>leases
      printf 'lease %s\n' "$disk"
    elif [ "$how" = 3 ] || [ "$there" != "${seen#-}" ]; then
      give
      printf 'held %s\n' "$disk"
      exit 3
    else
      printf 'unwritable %s\n' "$disk"
    fi
  done
}

run() {
  [ -e leases ] || return 0
  while IFS= read -r file; do
    [ "$(id_of "$file")" = "$id" ] || continue
    if (sed "s/^domid .*/domid $1/" "$file" >"$file.$id") 2>/dev/null && [ -s "$file.$id" ]; then mv -f -- "$file.$id" "$file" 2>/dev/null; fi
    rm -f -- "$file.$id" 2>/dev/null
  done <leases
}

over() {
  [ -e lease.of ] || return 0
  set -- take
  while IFS= read -r word; do
    [ $# -lt 3 ] || set -- "$@" '*'
    set -- "$@" "$word"
  done <lease.of
  "$@"
  run "$(PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin xl domid "$3" 2>/dev/null || echo -)"
}

verb=$1
shift
case $verb in
  take) take "$@" ;;
  run) run "$1" ;;
  give) give ;;
  over) over ;;
esac
exit 0
