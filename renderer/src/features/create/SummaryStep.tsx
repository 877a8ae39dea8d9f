import { Button as AriaButton } from 'react-aria-components';
import { useWords } from '../../words/speak.tsx';
import styles from './CreateGuest.module.css';
import type { PageProps } from './CreateGuest.tsx';
import type { StepName } from './steps.ts';
import { type Chosen, type Values, valuesOf } from './values.ts';

interface Line {
  label: string;
  value: string;
  to: StepName;
  /** Values it stands for: chosen otherwise than recommended, the line is marked. */
  of: readonly (keyof Values)[];
}

/** The hub: every line leads to where it is changed; what differs from the recommendation is marked. */
export function SummaryStep({ values, known, chosen, go }: PageProps & { chosen: Chosen; go: (to: StepName) => void }) {
  const { say } = useWords();
  const recommended = valuesOf({}, known);
  const changed = (of: readonly (keyof Values)[]) => of.some((key) => chosen[key] !== undefined && chosen[key] !== recommended[key]);
  return (
    <>
      <p>{say('create.summaryText')}</p>
      <ul className={styles.summary}>
        {useLines({ values, known }).map(({ label, value, to, of }) => (
          <li key={label}>
            <AriaButton className={styles.summaryLine ?? ''} onPress={() => go(to)}>
              <span className={styles.summaryLabel}>{label}</span>
              <span className={styles.summaryValue}>{value}</span>
              <span className={styles.summaryMark}>{changed(of) ? say('create.changed') : say('create.recommended')}</span>
            </AriaButton>
          </li>
        ))}
      </ul>
    </>
  );
}

function useLines({ values, known }: Pick<PageProps, 'values' | 'known'>): Line[] {
  const { say, format } = useWords();
  const host = known.hosts.find((one) => one.id === values.hostId);
  const yesNo = (yes: boolean) => say(yes ? 'common.yes' : 'common.no');
  const source = { iso: values.iso, copy: values.image, network: values.kernel, existing: values.disk }[values.beginning];
  const disk =
    values.beginning === 'existing' ? values.disk : `${values.place.replace(/^(dir|vg):/, '')} · ${format.memory(values.diskGiB * 1024)}`;
  const format_ = values.place.startsWith('dir:') && values.beginning !== 'existing' ? ` · ${values.format}` : '';
  return [
    { label: say('create.name'), value: values.name, to: 'what', of: ['name'] },
    {
      label: say('create.beginning'),
      value: `${say(`create.beginning.${values.beginning}`)}: ${source}`,
      to: 'what',
      of: ['beginning', 'iso', 'image', 'disk', 'kernel', 'ramdisk', 'cmdline'],
    },
    { label: say('create.type'), value: say(`create.type.${values.type}`), to: 'what', of: ['type'] },
    { label: say('create.host'), value: host?.label ?? say('common.none'), to: 'where', of: ['hostId'] },
    { label: say('create.diskLine'), value: disk + format_, to: 'where', of: ['place', 'format', 'diskGiB'] },
    { label: say('create.bridge'), value: values.bridge === '' ? say('create.bridgeNone') : values.bridge, to: 'where', of: ['bridge'] },
    { label: say('create.memoryLine'), value: format.memory(values.memoryMiB), to: 'howMuch', of: ['memoryMiB'] },
    { label: say('create.vcpus'), value: format.number(values.vcpus), to: 'howMuch', of: ['vcpus'] },
    { label: say('create.autostart'), value: yesNo(values.autostart), to: 'howMuch', of: ['autostart'] },
    { label: say('create.start'), value: yesNo(values.start), to: 'howMuch', of: ['start'] },
  ];
}
