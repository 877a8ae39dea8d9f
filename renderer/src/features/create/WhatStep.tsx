import { refuseName } from '../../../../electron/contract/guestName.ts';
import type { GuestType } from '../../../../electron/contract/host.ts';
import { Choice, TextInput } from '../../ui/Field.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import type { PageProps } from './CreateGuest.tsx';
import { PathInput } from './PathInput.tsx';
import { type Beginning, userOf } from './values.ts';

const beginnings: readonly Beginning[] = ['copy', 'iso', 'network', 'existing'];
const types: readonly GuestType[] = ['hvm', 'pvh', 'pv'];

/** What shall it be: where its system comes from, its kind, its name. */
export function WhatStep({ values, known, choose }: PageProps) {
  const { say, format } = useWords();
  const tell = useTellShort();
  const unsafe = values.name === '' ? null : refuseName(values.name);
  const facts = known.hosts.flatMap((host) => host.facts ?? []);
  const files = (pick: (one: (typeof facts)[number]) => { path: string; sizeMiB?: number }[]) => {
    const byPath = new Map(facts.flatMap(pick).map((one) => [one.path, one]));
    return [...byPath.values()].map(({ path, sizeMiB }) => ({ path, text: sizeMiB === undefined ? '' : format.memory(sizeMiB) }));
  };
  /** Disks, those of guests refused: a copy of one that runs would be torn, and one used by two is destroyed. */
  const disks = (those: { path: string; text: string }[], running: boolean) =>
    those
      .map((one) => {
        const user = userOf(one.path, known.guests);
        const used = user !== null && (!running || user.state !== 'halted');
        return { ...one, refusal: used ? say('create.usedBy', { name: user.name }) : null };
      })
      .sort((a, b) => Number(a.refusal !== null) - Number(b.refusal !== null));
  const can = (type: GuestType) => facts.some((one) => one.types.includes(type));
  return (
    <>
      <TextInput
        label={say('create.name')}
        hint={say('create.nameHint')}
        value={values.name}
        onChange={(name) => choose({ name })}
        error={unsafe && tell(unsafe)}
        autoFocus
      />
      <Choice
        label={say('create.beginning')}
        kind="cards"
        value={values.beginning}
        options={beginnings.map((one) => ({ value: one, label: say(`create.beginning.${one}`), text: say(`create.beginning.${one}Text`) }))}
        onChange={(beginning) => choose({ beginning })}
      />
      {values.beginning === 'iso' && (
        <PathInput label={say('create.iso')} value={values.iso} found={files((one) => one.isos)} onChange={(iso) => choose({ iso })} />
      )}
      {values.beginning === 'copy' && (
        <PathInput
          label={say('create.image')}
          value={values.image}
          found={disks(
            files((one) => [...one.images, ...one.volumes.filter((volume) => volume.active)]),
            true,
          )}
          onChange={(image) => choose({ image })}
        />
      )}
      {values.beginning === 'existing' && (
        <PathInput
          label={say('create.disk')}
          value={values.disk}
          found={disks(
            files((one) => [...one.volumes.filter((volume) => volume.active), ...one.images]),
            false,
          )}
          onChange={(disk) => choose({ disk })}
        />
      )}
      <Choice
        label={say('create.type')}
        value={values.type}
        options={types.map((type) => ({
          value: type,
          label: say(`create.type.${type}`),
          text: say(`create.type.${type}Text`),
          refusal: can(type) ? (type !== 'hvm' && values.beginning === 'iso' ? say('create.typeIso') : null) : say('create.typeNone'),
        }))}
        onChange={(type) => choose({ type })}
        kind="cards"
      />
      {values.beginning !== 'iso' && (values.beginning === 'network' || values.type !== 'hvm') && (
        <KernelInputs values={values} known={known} choose={choose} />
      )}
    </>
  );
}

/** A kernel of the server boots the guest; without one, a copied system brings its own (pygrub). */
function KernelInputs({ values, known, choose }: PageProps) {
  const { say } = useWords();
  const kernels = known.hosts.flatMap((host) => host.facts?.kernels ?? []);
  const paths = [...new Set(kernels.map((one) => one.path))];
  const initrds = [...new Set(kernels.filter((one) => one.path === values.kernel).flatMap((one) => one.initrds))];
  return (
    <>
      <PathInput
        label={say('create.kernel')}
        hint={values.beginning === 'network' ? say('create.kernelHint') : say('create.kernelOptional')}
        value={values.kernel}
        found={paths.map((path) => ({ path, text: '' }))}
        none={values.beginning === 'network' ? null : say('create.kernelNone')}
        onChange={(kernel) => choose({ kernel })}
      />
      {values.kernel !== '' && (
        <>
          <PathInput
            label={say('create.ramdisk')}
            value={values.ramdisk}
            found={initrds.map((path) => ({ path, text: '' }))}
            none={say('common.none')}
            onChange={(ramdisk) => choose({ ramdisk })}
          />
          <TextInput
            mono
            label={say('create.cmdline')}
            hint={say('create.cmdlineHint')}
            value={values.cmdline}
            onChange={(cmdline) => choose({ cmdline })}
          />
        </>
      )}
    </>
  );
}
