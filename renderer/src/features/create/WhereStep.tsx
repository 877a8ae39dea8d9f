import { useMemo } from 'react';
import { Choice, Select } from '../../ui/Field.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import type { PageProps } from './CreateGuest.tsx';
import { SpareEffectText } from './SpareEffectText.tsx';
import { spareEffects } from './spareEffect.ts';
import { freeAfter, freeMemory, hostRefusal, placesOf } from './values.ts';

/** The option that means no network card. */
const NO_BRIDGE = '-';

/** Where: the server with what the choice does to its free memory and to the spare capacity of all, the disk's place, the network. */
export function WhereStep({ values, known, choose }: PageProps) {
  const { say, format } = useWords();
  const tell = useTellShort();
  const host = known.hosts.find((one) => one.id === values.hostId);
  const effectOn = useMemo(() => spareEffects(values, known), [values, known]);
  return (
    <>
      <Choice
        label={say('create.host')}
        kind="cards"
        value={values.hostId}
        options={known.hosts.map((one) => {
          const refusal = hostRefusal(values, one, known.hosts);
          const free = { free: format.memory(freeMemory(one)), after: format.memory(Math.max(0, freeAfter(values, one))) };
          const text = (
            <>
              {say('create.hostText', free)}
              <SpareEffectText effect={refusal ? null : effectOn(one)} hosts={known.hosts} />
            </>
          );
          return { value: one.id, label: one.label, text, refusal: refusal && tell(refusal) };
        })}
        onChange={(hostId) => choose({ hostId })}
      />
      {host?.facts && values.beginning !== 'existing' && (
        <>
          <Select
            label={say('create.place')}
            hint={say('create.placeHint')}
            value={values.place === '' ? null : values.place}
            options={placesOf(host, known.hosts).map(({ id, place, shared }) => ({
              value: id,
              label: place.is === 'directory' ? place.path : say('create.placeGroup', { name: place.name }),
              text: say(shared ? 'create.placeShared' : 'create.placeLocal', { free: format.memory(place.freeMiB) }),
            }))}
            onChange={(place) => choose({ place })}
          />
          {values.place.startsWith('dir:') && (
            <Choice
              label={say('create.format')}
              value={values.format}
              options={[
                { value: 'raw', label: 'raw', text: say('create.formatRaw') },
                { value: 'qcow2', label: 'qcow2', text: say('create.formatQcow2') },
              ]}
              onChange={(format_) => choose({ format: format_ })}
            />
          )}
        </>
      )}
      {host?.facts && (
        <Select
          label={say('create.bridge')}
          value={values.bridge === '' ? NO_BRIDGE : values.bridge}
          options={[
            ...host.facts.bridges.map((bridge) => ({
              value: bridge.name,
              label: bridge.name,
              text: bridge.ports.length > 0 ? bridge.ports.join(', ') : say('create.bridgeAlone'),
            })),
            { value: NO_BRIDGE, label: say('create.bridgeNone') },
          ]}
          onChange={(bridge) => choose({ bridge: bridge === NO_BRIDGE ? '' : bridge })}
        />
      )}
    </>
  );
}
