/**
 * How one disk of a guest gets to another host. Paths are as configs name them.
 * - shared: both hosts see the same disk; nothing is copied
 * - copied: it is copied while the guest runs, the last changes in the final pause
 */
export type DiskTravel =
  | { travels: 'shared'; vdev: string; path: string }
  | {
      travels: 'copied';
      vdev: string;
      path: string;
      sizeMiB: number;
      /** Where it will stand at the target, and as what. */
      to: string;
      as: 'raw' | 'qcow2' | 'volume';
      /**
       * traced: the source's kernel tells which blocks are written, so the pause holds only the last of them.
       * compared: nobody can tell, so all of it is read at both ends once more in the pause.
       */
      how: 'traced' | 'compared';
    };
