/** A name LVM takes (lvm(8), "Valid names"): the guest's own where it can, else what is left of it and the UUID's head. */
export function volumeName(name: string, uuid: string): string {
  const own = /^[A-Za-z0-9_.+][A-Za-z0-9_.+-]{0,99}$/.test(name);
  const reserved = /^(snapshot|pvmove)|_(cdata|cmeta|corig|imageset|mimage|mlog|pmspare|rimage|rmeta|tdata|tmeta|vorigin|vdata)/.test(name);
  if (own && !reserved && name !== '..' && name !== '.') return name;
  const rest = name.replace(/[^A-Za-z0-9.+]/g, '').slice(0, 40);
  return `guest-${rest === '' ? '' : `${rest}-`}${uuid.slice(0, 8)}`;
}
