import { CreateGuest } from '../features/create/CreateGuest.tsx';
import { ForceOffDialog } from '../features/guests/ForceOffDialog.tsx';
import { NotAskedDialog } from '../features/guests/NotAskedDialog.tsx';
import { RemoveDialog } from '../features/guests/RemoveDialog.tsx';
import { ShutdownDialog } from '../features/guests/ShutdownDialog.tsx';
import { AddHost, EditHost } from '../features/hosts/HostForm.tsx';
import { HostKeyChanged } from '../features/hosts/HostKeyChanged.tsx';
import { RemoveHost } from '../features/hosts/RemoveHost.tsx';
import { TrashDialog } from '../features/hosts/TrashDialog.tsx';
import { ManySheet } from '../features/move/ManySheet.tsx';
import { MoveSheet } from '../features/move/MoveSheet.tsx';
import { Palette } from '../features/palette/Palette.tsx';
import { DiscardPlan } from '../features/plans/DiscardPlan.tsx';
import { EmptyHost } from '../features/plans/EmptyHost.tsx';
import { CompareDialog } from '../features/twins/CompareDialog.tsx';
import { FixDialog } from '../features/twins/FixDialog.tsx';
import { useProgram, useUi } from '../state/program.ts';
import { show } from '../state/ui.ts';

/** The one dialog that is open. */
export function Dialogs() {
  const { ui } = useProgram();
  const dialog = useUi((now) => now.dialog);
  const close = () => show(ui, null);
  if (!dialog) return null;
  switch (dialog.is) {
    case 'addHost':
      return <AddHost onClose={close} />;
    case 'editHost':
      return <EditHost hostId={dialog.hostId} onClose={close} />;
    case 'removeHost':
      return <RemoveHost hostId={dialog.hostId} onClose={close} />;
    case 'hostKeyChanged':
      return <HostKeyChanged hostId={dialog.hostId} onClose={close} />;
    case 'createGuest':
      return <CreateGuest hostId={dialog.hostId} onClose={close} />;
    case 'move':
      return dialog.keys.length > 1 ? (
        <ManySheet keys={dialog.keys} targetHostId={dialog.targetHostId} onClose={close} />
      ) : (
        <MoveSheet keys={dialog.keys} targetHostId={dialog.targetHostId} onClose={close} />
      );
    case 'forceOff':
      return <ForceOffDialog keys={dialog.keys} onClose={close} />;
    case 'notAsked':
      return <NotAskedDialog held={dialog.held} onClose={close} />;
    case 'shutdown':
      return <ShutdownDialog keys={dialog.keys} reboot={dialog.reboot} onClose={close} />;
    case 'remove':
      return <RemoveDialog guestKey={dialog.key} onClose={close} />;
    case 'emptyHost':
      return <EmptyHost hostId={dialog.hostId} onClose={close} />;
    case 'discardPlan':
      return <DiscardPlan planId={dialog.planId} onClose={close} />;
    case 'trash':
      return <TrashDialog hostId={dialog.hostId} onClose={close} />;
    case 'compare':
      return <CompareDialog hostId={dialog.hostId} otherHostId={dialog.otherHostId} onClose={close} />;
    case 'fix':
      return <FixDialog hostId={dialog.hostId} fix={dialog.fix} onClose={() => show(ui, dialog.back)} />;
    case 'palette':
      return <Palette onClose={close} />;
  }
}
