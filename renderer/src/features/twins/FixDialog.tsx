import { useEffect, useState } from 'react';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import type { Fix, FixPreview } from '../../../../electron/contract/twin.ts';
import { useHost, useProgram } from '../../state/program.ts';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Select } from '../../ui/Field.tsx';
import { ProblemView, useTellShort } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords } from '../../words/speak.tsx';
import styles from './FixDialog.module.css';
import { suggestPort } from './suggestPort.ts';

const titles = { bridge: 'fix.titleBridge', folder: 'fix.titleFolder', volume: 'fix.titleVolume' } as const;
const texts = { bridge: 'fix.textBridge', folder: 'fix.textFolder', volume: 'fix.textVolume' } as const;
const NO_PORT = '-';

/** Shows exactly what would be run and written on a host, then makes it. */
export function FixDialog({ hostId, fix: first, onClose }: { hostId: HostId; fix: Fix; onClose: () => void }) {
  const { session } = useProgram();
  const host = useHost(hostId);
  const { say } = useWords();
  const tell = useTellShort();
  const { fix, setFix, preview, fresh, refused, setRefused } = useFix(hostId, first);
  const [busy, setBusy] = useState(false);
  if (!host) return null;
  const name = fix.is === 'folder' ? fix.path : fix.is === 'volume' ? `${fix.group}/${fix.name}` : fix.name;
  const hindrance = preview && fresh ? (preview.refusal ? tell(preview.refusal) : null) : say('fix.reading');
  const make = () => {
    if (!preview || hindrance || busy) return;
    setBusy(true);
    session
      .call('fix.make', { hostId, fix, shown: preview.shown })
      .then(
        () => {
          announce(say('fix.made', { name, label: host.label }));
          onClose();
        },
        (thrown: unknown) => setRefused(problemOf(thrown)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={say(titles[fix.is], { name, label: host.label })}
      width="wide"
      onClose={onClose}
      onSubmit={make}
      actions={
        <Button kind="main" submit busy={busy} refusal={hindrance}>
          {say('fix.make')}
        </Button>
      }
    >
      <p>{say(texts[fix.is])}</p>
      {fix.is === 'bridge' && preview && <Port fix={fix} preview={preview} onChange={setFix} />}
      {!preview && !refused && (
        <div role="status">
          <p className={styles.note}>{say('fix.reading')}…</p>
          <Progress label={say('fix.reading')} done={0} total={null} />
        </div>
      )}
      {preview?.refusal && <ProblemView problem={preview.refusal} />}
      {preview && <Preview preview={preview} lasts={fix.is === 'bridge'} />}
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}

/**
 * What is to be made, and what would be done for it; asked anew when the port changes. The one before stays until the new one is there,
 * but can't be made. Where there is only one port that makes sense, it is chosen before anybody chose.
 */
function useFix(hostId: HostId, first: Fix) {
  const { session, mirror } = useProgram();
  const [given] = useState(first);
  const [fix, setFix] = useState(given);
  const [found, setFound] = useState<{ fix: Fix; preview: FixPreview } | null>(null);
  const [refused, setRefused] = useState<Problem | null>(null);
  useEffect(() => {
    const aborter = new AbortController();
    setRefused(null);
    session.call('fix.preview', { hostId, fix }, aborter.signal).then(
      (preview) => {
        if (aborter.signal.aborted) return;
        const port = fix === given ? suggestPort(fix, preview, hostId, [...mirror.hosts.getState().byId.values()]) : null;
        if (port !== null && fix.is === 'bridge') setFix({ ...fix, port });
        setFound({ fix, preview });
      },
      (thrown: unknown) => {
        if (!aborter.signal.aborted) setRefused(problemOf(thrown));
      },
    );
    return () => aborter.abort();
  }, [session, mirror, hostId, fix, given]);
  return { fix, setFix, preview: found?.preview ?? null, fresh: found?.fix === fix, refused, setRefused };
}

function Port({ fix, preview, onChange }: { fix: Extract<Fix, { is: 'bridge' }>; preview: FixPreview; onChange: (fix: Fix) => void }) {
  const words = useWords();
  const { say } = words;
  const ports = preview.ports.map((one) => ({
    value: one.name,
    label: one.name,
    refusal: one.refusal && tellProblem(one.refusal, words).what,
  }));
  return (
    <div className={styles.port}>
      <Select
        label={say('fix.port')}
        hint={say('fix.portHint')}
        value={fix.port ?? NO_PORT}
        options={[{ value: NO_PORT, label: say('fix.noPort') }, ...ports]}
        onChange={(port) => onChange({ ...fix, port: port === NO_PORT ? null : port })}
      />
    </div>
  );
}

function Preview({ preview, lasts }: { preview: FixPreview; lasts: boolean }) {
  const { say } = useWords();
  return (
    <>
      <section className={styles.part}>
        <h3>{say('fix.commands')}</h3>
        <pre>{preview.commands.join('\n')}</pre>
      </section>
      {preview.files.length > 0 && (
        <section className={styles.part}>
          <h3>{say('fix.files')}</h3>
          {preview.files.map((one) => (
            <figure key={one.path}>
              <figcaption>{one.path}</figcaption>
              <pre>{one.text}</pre>
            </figure>
          ))}
        </section>
      )}
      {lasts && (
        <p className={styles.note}>
          {preview.lasting ? say('fix.lasting') : say('fix.notLasting', { network: say(`network.${preview.network}`) })}
        </p>
      )}
    </>
  );
}
