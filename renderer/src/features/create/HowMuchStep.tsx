import { Check, Choice, NumberInput } from '../../ui/Field.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './CreateGuest.module.css';
import type { PageProps } from './CreateGuest.tsx';
import { freeMemory, type SizeName, sizes } from './values.ts';

const names: readonly SizeName[] = ['small', 'medium', 'large', 'own'];

/** How much: S, M or L with real numbers, or one's own. */
export function HowMuchStep({ values, known, choose }: PageProps) {
  const { say, format } = useWords();
  const host = known.hosts.find((one) => one.id === values.hostId);
  const cpus = host?.facts?.cpus;
  const hasDisk = values.beginning !== 'existing';
  const text = (name: SizeName) => {
    if (name === 'own') return say('create.size.ownText');
    const { memoryMiB, vcpus, diskGiB } = sizes[name];
    return say('create.sizeText', { memory: format.memory(memoryMiB), vcpus, disk: format.memory(diskGiB * 1024) });
  };
  // a size is all three numbers: choosing one lets go of numbers set before
  const pick = (size: SizeName) => {
    const { memoryMiB, vcpus, diskGiB } = size === 'own' ? values : sizes[size];
    choose({ size, memoryMiB, vcpus, diskGiB });
  };
  return (
    <>
      <Choice
        label={say('create.size')}
        kind="cards"
        value={values.size}
        options={names.map((name) => ({ value: name, label: say(`create.size.${name}`), text: text(name) }))}
        onChange={pick}
      />
      <div className={styles.numbers}>
        <NumberInput
          label={say('create.memory')}
          {...(host ? { hint: say('create.memoryHint', { free: format.memory(freeMemory(host)) }) } : {})}
          value={values.memoryMiB}
          min={4}
          max={16 * 1024 * 1024}
          onChange={(memoryMiB) => choose({ memoryMiB, size: 'own' })}
        />
        <NumberInput
          label={say('create.vcpus')}
          {...(cpus === undefined ? {} : { hint: say('create.vcpusHint', { cpus }) })}
          value={values.vcpus}
          min={1}
          max={512}
          onChange={(vcpus) => choose({ vcpus, size: 'own' })}
        />
        {hasDisk && (
          <NumberInput
            label={say('create.diskSize')}
            hint={say('create.diskSizeHint')}
            value={Math.round(values.diskGiB * 1024)}
            min={1}
            max={64 * 1024 * 1024}
            onChange={(sizeMiB) => choose({ diskGiB: sizeMiB / 1024, size: 'own' })}
          />
        )}
      </div>
      <Check value={values.autostart} hint={say('create.autostartHint')} onChange={(autostart) => choose({ autostart })}>
        {say('create.autostart')}
      </Check>
      <Check value={values.start} hint={say('create.startHint')} onChange={(start) => choose({ start })}>
        {say('create.start')}
      </Check>
    </>
  );
}
