import type { Problem } from '../../../../electron/contract/problem.ts';
import { useProgram } from '../../state/program.ts';
import { Check, Choice, NumberInput, TextInput } from '../../ui/Field.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './HostForm.module.css';
import type { DraftField, HostDraft } from './hostDraft.ts';

interface Props {
  draft: HostDraft;
  /** A change of some fields: another one may be on its way, as when a number is taken over on leaving its field. */
  onChange: (change: Partial<HostDraft>) => void;
  problem: Problem | null;
  /** The field that the problem stands beside. */
  field: DraftField | null;
  /** A saved host: its secrets may be left empty. */
  saved: boolean;
}

interface PartProps {
  draft: HostDraft;
  set: (change: Partial<HostDraft>) => void;
  /** What is wrong with a field, in words. */
  error: (field: DraftField) => string | null;
  saved: boolean;
}

/** The fields of a host. A problem stands beside its field. */
export function HostFields({ draft, onChange, problem, field, saved }: Props) {
  const { say } = useWords();
  const tell = useTellShort();
  const part: PartProps = {
    draft,
    set: onChange,
    error: (one) => (problem && field === one ? tell(problem) : null),
    saved,
  };
  return (
    <>
      <Reach {...part} />
      <Choice
        label={say('host.auth')}
        value={draft.by}
        onChange={(by) => part.set({ by })}
        error={part.error('auth')}
        options={[
          { value: 'agent', label: say('host.authAgent') },
          { value: 'key', label: say('host.authKey') },
          { value: 'password', label: say('host.authPassword') },
          { value: 'interactive', label: say('host.authInteractive') },
        ]}
      />
      {draft.by === 'key' && <KeyFields {...part} />}
      {draft.by === 'password' && (
        <TextInput
          label={say('host.password')}
          {...(saved ? { hint: say('host.keepSecret') } : {})}
          value={draft.password}
          onChange={(password) => part.set({ password })}
          error={part.error('password')}
          secret
        />
      )}
      <More {...part} opened={field === 'sudoPassword' || field === 'jump'} />
    </>
  );
}

function Reach({ draft, set, error }: PartProps) {
  const { say } = useWords();
  return (
    <>
      <div className={styles.address}>
        <TextInput
          label={say('host.address')}
          hint={say('host.addressHint')}
          value={draft.address}
          onChange={(address) => set({ address })}
          error={error('address')}
          autoFocus
        />
        <NumberInput
          label={say('host.port')}
          value={draft.port}
          onChange={(port) => set({ port })}
          min={1}
          max={65535}
          plain
          error={error('port')}
        />
      </div>
      <div className={styles.address}>
        <TextInput label={say('host.label')} hint={say('host.labelHint')} value={draft.label} onChange={(label) => set({ label })} />
        <TextInput label={say('host.user')} value={draft.user} onChange={(user) => set({ user })} error={error('user')} />
      </div>
    </>
  );
}

function KeyFields({ draft, set, error, saved }: PartProps) {
  const { say } = useWords();
  return (
    <>
      <TextInput
        label={say('host.keyPath')}
        value={draft.keyPath}
        onChange={(keyPath) => set({ keyPath })}
        error={error('keyPath')}
        mono
        placeholder="~/.ssh/id_ed25519"
      />
      <TextInput
        label={say('host.passphrase')}
        hint={saved ? say('host.keepSecret') : say('host.passphraseHint')}
        value={draft.passphrase}
        onChange={(passphrase) => set({ passphrase })}
        error={error('passphrase')}
        secret
      />
    </>
  );
}

/** What few hosts need. Open where something is in it, or wrong with it. */
function More({ draft, set, error, opened }: PartProps & { opened: boolean }) {
  const { say } = useWords();
  const { info } = useProgram();
  const used = opened || draft.jump !== '' || draft.sudoPassword !== '' || draft.tags !== '';
  return (
    <details className={styles.more} open={used || undefined}>
      <summary>{say('host.moreFields')}</summary>
      <div className={styles.stack}>
        <TextInput
          label={say('host.sudoPassword')}
          hint={say('host.sudoHint')}
          value={draft.sudoPassword}
          onChange={(sudoPassword) => set({ sudoPassword })}
          error={error('sudoPassword')}
          secret
        />
        <TextInput label={say('host.tags')} hint={say('host.tagsHint')} value={draft.tags} onChange={(tags) => set({ tags })} />
        <TextInput
          label={say('host.jump')}
          hint={say('host.jumpHint')}
          value={draft.jump}
          onChange={(jump) => set({ jump })}
          error={error('jump')}
          mono
        />
        {info.secrets === 'system' && (
          <Check value={draft.remember} onChange={(remember) => set({ remember })}>
            {say('host.remember')}
          </Check>
        )}
      </div>
    </details>
  );
}
