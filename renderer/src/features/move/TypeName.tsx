import type { Check } from '../../../../electron/contract/creation.ts';
import { TextInput } from '../../ui/Field.tsx';
import { useWords } from '../../words/speak.tsx';

/** Whether a check found hosts that could not be asked: then the guest's name is typed before anything is done. */
export const needsName = (checks: readonly Check[]): boolean => checks.some((one) => one.problem?.code === 'guard.notAsked');

/** Where it is typed; the check above says which hosts, and what could happen. */
export function TypeName({ name, value, onChange }: { name: string; value: string; onChange: (text: string) => void }) {
  const { say } = useWords();
  return <TextInput label={say('common.typeName', { name })} value={value} onChange={onChange} />;
}
