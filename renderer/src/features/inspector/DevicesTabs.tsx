import type { Guest } from '../../../../electron/contract/guest.ts';
import { useWords } from '../../words/speak.tsx';
import styles from './Inspector.module.css';

/** Disks of a guest, as the running domain or its config has them. */
export function DisksTab({ guest }: { guest: Guest }) {
  const { say } = useWords();
  const disks = (guest.live ?? guest.config?.shape)?.disks ?? [];
  if (disks.length === 0) return <p className={styles.note}>{say('disks.none')}</p>;
  return (
    <ul>
      {disks.map((disk) => (
        <li key={disk.vdev} className={styles.item}>
          <strong>
            {disk.vdev}
            {disk.cdrom && ` · ${say('disks.cdrom')}`}
          </strong>
          <code>{disk.target || say('disks.empty')}</code>
          <span className={styles.note}>
            {[
              disk.format,
              say(`disks.${disk.access}`),
              ...(disk.script ? [say('disks.script', { script: disk.script })] : []),
              ...(disk.backend ? [say('disks.backend', { domain: disk.backend })] : []),
            ].join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Network cards of a guest. */
export function NetworkTab({ guest }: { guest: Guest }) {
  const { say } = useWords();
  const nics = (guest.live ?? guest.config?.shape)?.nics ?? [];
  if (nics.length === 0) return <p className={styles.note}>{say('nics.none')}</p>;
  return (
    <ul>
      {nics.map((nic, at) => (
        <li key={nic.mac ?? `no mac ${at}`} className={styles.item}>
          <strong>{nic.mac ? <code>{nic.mac}</code> : say('nics.noMac')}</strong>
          <span>{say('nics.bridge', { bridge: nic.bridge ?? 'xenbr0' })}</span>
          <span className={styles.note}>{[nic.model, nic.ip].filter(Boolean).join(' · ')}</span>
        </li>
      ))}
    </ul>
  );
}
