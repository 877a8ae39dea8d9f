import type { HostId } from '../../../../electron/contract/host.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { useWords } from '../../words/speak.tsx';

/** The wizard for a new guest. `hostId`: the host it was asked for on, or null. */
export function CreateGuest({ onClose }: { hostId: HostId | null; onClose: () => void }) {
  const { say } = useWords();
  return (
    <Dialog title={say('create.title')} width="full" onClose={onClose}>
      {null}
    </Dialog>
  );
}
