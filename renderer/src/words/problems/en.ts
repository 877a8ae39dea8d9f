import { problemsAgentEn } from './enAgent.ts';
import { problemsDisksEn } from './enDisks.ts';
import { problemsLaterEn } from './enLater.ts';
import { listed, problemsTogetherEn, said } from './enTogether.ts';
import type { EffectWords, ProblemWords } from './shape.ts';

export const effectsEn: EffectWords = {
  none: 'Nothing was changed.',
  partial: 'A part was changed.',
  unknown: 'It can’t be told yet whether anything changed.',
};

const states: Record<string, string> = {
  running: 'running',
  blocked: 'running',
  paused: 'paused',
  shutdown: 'shut down',
  crashed: 'crashed',
  dying: 'dying',
  halted: 'halted',
};
const writers = { electron: 'XenFerry’s window', server: 'XenFerry in the browser', cli: 'a command of XenFerry' };
const secrets = { password: 'A password', passphrase: 'A passphrase', sudo: 'A password for sudo' };
/** Steps of a creation's job. */
const createSteps: Record<string, string> = {
  disk: 'making the disk',
  copy: 'copying the disk',
  config: 'writing the configuration',
  autostart: 'setting autostart',
  start: 'starting',
};
const nameFaults = {
  empty: 'it is empty',
  slash: 'it has a “/” in it',
  control: 'it has a line break or control character in it',
  length: 'it is too long',
  reserved: 'Xen uses it itself',
  characters: 'it has characters that can’t be used',
};
const doctorRefusals: Record<string, string> = {
  busy: 'Something else works on this machine now.',
  moving: 'A machine is being moved on this host now.',
  running: 'The last look, right before, showed that it runs.',
  changed: 'The last look, right before, showed that things have changed.',
  inuse: 'Something uses this disk, so it stays where it is: a machine, or somebody who mounted it.',
};

export const problemsEn: ProblemWords = {
  'ssh.unknownHost': (p) => [`No host is called “${p.address}”.`, 'Check the spelling, and name resolution (DNS) on this network.'],
  'ssh.refused': (p) => [
    `${p.address} refused the connection on port ${p.port}.`,
    'Check that sshd runs there and that the port is right.',
  ],
  'ssh.timedOut': (p) => [`No answer from ${p.address}, port ${p.port}.`, 'Check power, network and firewalls.'],
  'ssh.unreachable': (p) => [`${p.address} (port ${p.port}) can’t be reached.`, 'Check the network connection and the route (a VPN, say).'],
  'ssh.notSsh': (p) => [`What answers on ${p.address}, port ${p.port}, is not SSH.`, 'Check the port.'],
  'ssh.noCommonAlgorithm': (p) => [
    `There is no cipher in common with ${p.address} (${p.what}).`,
    'Allow a newer one in the server’s sshd configuration.',
  ],
  'ssh.closed': (p) => [
    `The connection to ${p.address} was closed.`,
    'It connects again by itself. If this goes on, look at the server’s sshd log.',
  ],
  'ssh.tooManySessions': (p) => [`${p.address} takes no more sessions.`, 'Close some consoles, or raise MaxSessions of its sshd.'],
  'ssh.forwardRefused': (p) => [`Forwarding to port ${p.port} inside ${p.address} was refused.`, 'Check AllowTcpForwarding of its sshd.'],
  'auth.wrongPassword': (p) => [`The password of ${p.user}@${p.address} is wrong.`, 'Enter the right one.'],
  'auth.keyRefused': (p) => [
    `${p.address} does not accept this key for the user ${p.user}.`,
    'Check that the public key is in ~/.ssh/authorized_keys there, and the user name.',
  ],
  'auth.agentMissing': () => ['No SSH agent is running.', 'Start one, or choose a key file or password.'],
  'auth.agentRefused': (p) => [
    `None of the agent’s keys was accepted for ${p.user}@${p.address}.`,
    'Add the key to the agent (ssh-add), or sign in another way.',
  ],
  'auth.keyUnreadable': (p) => [`The key file ${p.path} can’t be read.`, 'Check where it is, and that you may read it.'],
  'auth.keyUnsupported': (p) => [
    `The form of ${p.path} (${p.format}) is not supported.`,
    'Choose a key in OpenSSH, PKCS#1, SEC1 or PKCS#8 form.',
  ],
  'auth.passphraseNeeded': (p) => [`The key ${p.path} needs a passphrase.`, 'Enter it.'],
  'auth.passphraseWrong': (p) => [`The passphrase of ${p.path} is wrong.`, 'Enter the right one.'],
  'auth.methodRefused': (p) => [
    `${p.address} does not accept this way of signing in for ${p.user}.`,
    p.offered.length > 0 ? `It accepts: ${listed(p.offered)}.` : 'Choose another way.',
  ],
  'auth.secretNeeded': (p) => [`${secrets[p.what]} is needed.`, 'Enter it.'],
  'hostKey.unknown': (p) => [
    `The key of ${p.address} (port ${p.port}) is not known yet.`,
    'Compare the fingerprint, then decide whether to trust it.',
  ],
  'hostKey.changed': (p) => [
    `The host key of ${p.address} is not the one on record.`,
    'Compare both fingerprints with its administrator. Nothing connects until then.',
  ],
  'hostKey.revoked': (p) => [
    `The key of ${p.address} is recorded as revoked.`,
    'Check the @revoked line in known_hosts and the server’s key with its administrator.',
  ],
  'host.duplicate': (p) => [`The same machine is already on the list as “${p.label}”.`, 'Use that one, or edit its settings.'],
  'host.unknown': () => ['That host is not on the list.', 'Choose it again.'],
  'host.notOpen': (p) => [`${p.label} is not connected.`, 'Connect it, then try again.'],
  'host.readOnly': (p) => [`This host is run by ${p.toolstack}.`, 'It is shown, not changed. Use that toolstack’s own tools for changes.'],
  'host.noXen': (p) => [`Xen does not run on ${p.label}.`, 'Check that it was started with Xen and that this is dom0.'],
  'host.noXl': (p) => [`${p.label} has no xl.`, 'Install Xen’s tools (xen-utils on Debian).'],
  'host.noRights': (p) => [`The user ${p.user} has no rights over Xen.`, 'Connect as root, or allow this user sudo.'],
  'host.sudoPassword': (p) => [`sudo asks ${p.user} for a password.`, 'Enter it in the connection settings.'],
  'host.sudoWrongPassword': (p) => [`The sudo password of ${p.user} is wrong.`, 'Enter it again in the connection settings.'],
  'host.sudoNotAllowed': (p) => [`${p.user} is not allowed to use sudo.`, 'Add the user to sudoers on the server, or connect as another.'],
  'host.noBridge': () => ['There is no bridge.', 'To give machines a network, create a bridge on this host (xenbr0, say).'],
  'host.noPlace': () => ['No place for disks was found.', 'Provide a folder or an LVM volume group.'],
  'host.toolMissing': (p) => [`The command “${p.tool}” is missing.`, 'Install it on the server.'],
  'config.missing': (p) => [`The config file ${p.file} is not there.`, 'Look at the list.'],
  'config.unwritable': (p) => [`${p.file} can’t be written.`, 'Check free space and rights on the server.'],
  'create.isoNeedsHvm': () => ['Only HVM machines can be installed from an ISO.', 'Choose HVM, or boot from a kernel.'],
  'create.noDisk': () => ['It has no disk.', 'Add one, or choose an existing one.'],
  'create.diskTooSmall': (p, f) => [`The disk is too small: ${f.memory(p.neededMiB)} are needed.`, 'Make it larger.'],
  'create.toolMissing': (p) => [`The command “${p.tool}”, needed to create it, is not on the server.`, 'Install it there.'],
  'create.interrupted': (p) => [
    'Creating was cut off.',
    p.left.length > 0 ? `Left behind: ${listed(p.left)}.` : 'Nothing was left behind. You can create it again.',
  ],
  'disk.inUse': (p) => [`${p.path} is in use elsewhere.`, 'Choose another disk.'],
  'jump.unsupported': (p) => [`The SSH setting “${p.directive}” can’t be followed.`, 'Write the host to go through as ProxyJump.'],
  'output.unreadable': (p) => [
    `The output of “${p.what}” could not be read.`,
    'Everything else goes on. Please report it with the details.',
  ],
  'command.failed': (p) => [`The command “${p.command}” failed${p.exit === null ? '' : ` (exit ${p.exit})`}.`, said(p.said)],
  'command.timedOut': (p) => [
    `The command “${p.command}” did not end within ${p.seconds} s.`,
    'Check the load of the server, then try again.',
  ],
  'command.quoting': () => ['Text with a line break or NUL can’t be handed to a server.', 'Take that character out.'],
  'program.unknown': (p) => [`The server does not know “${p.name}”.`, 'Update this program.'],
  'guest.unknown': (p) => [`“${p.guest}” is not there any more.`, 'Look at the list.'],
  'guest.wrongState': (p) => [
    `${p.name} is ${states[p.state] ?? p.state}, so this can’t be done.`,
    'Try again when its state has changed.',
  ],
  'guest.noPvControl': (p) => [`${p.name} has nothing that listens to Xen’s signal.`, 'Shut it down with “Press the power button (ACPI)”.'],
  'guest.stillRunning': (p) => [
    `${p.name} was still running after ${p.seconds} s.`,
    'Look at its console. If it can’t wait, there is Force off.',
  ],
  'guest.nameMismatch': (p) => [`What you typed is not “${p.name}”.`, 'Type the name as it is.'],
  'guest.elsewhere': (p) => [`${p.name} is running on ${p.where}.`, 'Running it twice would destroy its disks. Stop it there first.'],
  'guest.diskInUse': (p) => [`The disk ${p.disk} is in use by ${p.name} on ${p.where}.`, 'Stop that machine, or use another disk.'],
  'guest.busy': (p) => [`Something else is being done to ${p.name}.`, 'Wait for it, or cancel it in the list below.'],
  'guest.startFailed': (p) => [`${p.name} could not be started.`, said(p.said)],
  'guest.noConfig': (p) => [`${p.name} has no config file.`, 'Make one first.'],
  'guest.leftover': (p) => [`${p.name} is what a broken-off move left behind.`, 'Look at both hosts and tidy up first.'],
  'memory.short': (p, f) => [`Memory is short by ${f.memory(p.shortMiB)}.`, 'Stop or move another machine, or give this one less.'],
  'config.changed': (p) => [`${p.file} was changed after it was read.`, 'Read it again, then edit.'],
  'config.unreadable': (p) => [
    `Line ${p.line} of ${p.file} can’t be read: ${p.sample}`,
    'Mend that line. The others are left as they are.',
  ],
  'config.exists': (p) => [`${p.file} exists already.`, 'Choose another name.'],
  'config.unsafeName': (p) => [`This name can’t be used: ${nameFaults[p.why]}.`, 'Choose another.'],
  'trash.partly': (p) => [
    `${p.name} can’t be put back.`,
    'A move back began to write over these disks, so they are no state the machine ever had. They only serve the next move back.',
  ],
  'trash.gone': (p) => [`${p.name} is not in the trash any more.`, 'Someone else has put it back or cleared it.'],
  'create.checkFailed': (p) => [`The check “${p.check}” failed.`, said(p.said)],
  'create.stepFailed': (p) => [
    `It failed at “${createSteps[p.step] ?? p.step}”.${p.undone.length > 0 ? ` Undone: ${listed(p.undone)}.` : ''}`,
    p.left.length > 0 ? `Left behind: ${listed(p.left)}. ${said(p.said)}` : said(p.said),
  ],
  'create.typeMissing': (p) => [`This host can’t run ${p.type.toUpperCase()} machines.`, 'Choose another type or host.'],
  'create.imageUnreadable': (p) => [`The image ${p.path} can’t be read.`, 'Check that it is there and whole.'],
  'disk.exists': (p) => [`${p.path} exists already.`, 'Choose another name or place.'],
  'disk.missing': (p) => [`${p.path} is not there.`, 'Check the path.'],
  'disk.unreachable': (p) => [`${p.where} can’t reach the disk ${p.path}.`, 'Check that the shared storage is connected there.'],
  'move.saveRoom': (p, f) => [
    `Its memory does not fit on ${p.host} while it is saved: ${f.memory(p.shortMiB)} are short where /var/lib/xenferry lies. Nothing was changed.`,
    'Free some there, or move it another way.',
  ],
  'space.short': (p, f) => [`${p.place} is short of ${f.memory(p.shortMiB)}.`, 'Make it smaller, or choose another place.'],
  'mac.taken': (p) => [`The MAC address ${p.mac} belongs to ${p.name} on ${p.where}.`, 'Use another one.'],
  'uuid.taken': (p) => [`${p.name} on ${p.where} has the same UUID.`, 'If the config is a copy, change its uuid line.'],
  'name.taken': (p) => [`${p.where} already has a machine called ${p.name}.`, 'Rename one of them.'],
  'move.sameHost': () => ['It is on this host already.', 'Choose another host.'],
  'move.notRunning': (p) => [`${p.name} is not running.`, 'Start it first.'],
  'move.paused': (p) => [`${p.name} is paused and can’t be moved.`, 'Resume it first.'],
  'move.pvNoShadow': (p) => [
    `Xen on ${p.host} was built without shadow paging, so a running PV machine can’t be moved.`,
    'Save and restore it, or move it with a stop; or change its type to PVH or HVM.',
  ],
  'move.typeMissing': (p) => [`${p.host} can’t run ${p.type.toUpperCase()} machines.`, 'Choose another host.'],
  'move.versionDown': (p) => [
    `A running machine can’t go from Xen ${p.from} to the older ${p.to}.`,
    'Update Xen at the target, or shut the machine down first.',
  ],
  'move.versionStep': (p) => [`The Xen versions are far apart (${p.from} to ${p.to}).`, 'Moving one version at a time is safer.'],
  'move.vendor': (p) => [
    `The CPUs are of different makers (${p.from} and ${p.to}), so it can’t move while running.`,
    'Shut it down first.',
  ],
  'move.passthrough': (p) => [`${p.name} has a device of the host (PCI or USB) attached.`, 'Detach it, or shut the machine down first.'],
  'move.noMigrate': (p) => [`The config of ${p.name} says nomigrate=1.`, 'If it may move, take that line out.'],
  'move.diskBackend': (p) => [
    `The disk ${p.disk} is served by another domain (${p.domain}), so it can’t be copied or checked from the host.`,
    'Have dom0 serve it (without backend=), or move the machine by hand.',
  ],
  'move.diskNotShared': (p) => [`The disk ${p.disk} is not shared with ${p.host}.`, 'Put it on shared storage first.'],
  'move.configDiffers': (p) => [
    `${p.name} runs with other settings than its config says, and its config must change for the move.`,
    'Restart it once, so that both are the same, or move it while it is shut down.',
  ],
  'move.left': (p) => [
    `The guest did not move and goes on at the source. On ${p.host} this could not be taken away: ${p.paths.join(', ')}.`,
    'Nobody uses it. Remove it there by hand.',
  ],
  'move.cdromLocal': (p) => [`The CD/DVD image ${p.disk} is not on ${p.host}.`, 'Eject it, or put it in the same place there.'],
  'move.fileMissing': (p) => [`${p.host} lacks ${p.path}, which it boots from.`, 'Put the same file in the same place.'],
  'move.clock': (p, f) => [`The clock of ${p.host} is ${f.duration(p.differenceMs)} apart.`, 'Set both hosts by NTP.'],
  'move.unreachable': (p) => [
    `No address leads from ${p.from} to ${p.to}.`,
    p.tried.length > 0
      ? `Tried: ${listed(p.tried)}. Check network and firewalls between the hosts.`
      : 'Check the network between the hosts.',
  ],
  'move.relayed': (p) => [
    `Nothing goes straight from ${p.from} to ${p.to}: this computer passes it on.`,
    'Keep it on and connected to both until the end. If it is cut off before that, the guest stays at the source.',
  ],
  'move.relayRefused': (p) => [
    `The SSH server of ${p.host} lets nothing be passed on (AllowTcpForwarding or PermitOpen in its sshd_config), or did not answer that way.`,
    'Set “AllowTcpForwarding yes” there, or make a way between the hosts.',
  ],
  'move.relayCut': (p) => [
    `The connection through this computer was cut off while ${p.name} was moving. It stays at the source.`,
    'Move it again when both connections are steady.',
  ],
  'move.targetFailed': (p) => ['The target could not take it; it goes on at the source.', said(p.said)],
  'move.failedAtSource': (p) => ['It failed at the source, and goes on there.', said(p.said)],
  'doctor.stale': () => ['Things are no longer as they were when this was found.', 'Look again, and see how they are now.'],
  'doctor.refused': (p) => [doctorRefusals[p.why] ?? said(p.said), 'Look again in a while.'],
  'doctor.left': (p) => [`${p.path} could not be moved to the trash.`, 'See whether something uses it, then look again.'],
  'move.notShutDown': (p) => [
    `${p.name} was asked to shut down and still ran after ${p.seconds} s, so it was not moved. Nothing else was done.`,
    'Look at its console. It may still go down later; once it is halted, move it again.',
  ],
  'move.notStarted': (p) => [
    `${p.name} is on ${p.host} now, with its disks and its config, but it does not run: it could not be started there.`,
    `Start it there once the cause is gone. Its old disks are in the source’s trash.${p.said ? ` ${said(p.said)}` : ''}`,
  ],
  'move.cameBack': (p) => [
    `${p.name} could not be started on ${p.host}, so it runs at the source again, with its disks and its config as they were.`,
    `Move it again once the cause is gone. ${said(p.said)}`,
  ],
  'move.notStartedAgain': (p) => [
    `${p.name} was shut down to be moved, did not move, and could not be started again at the source. Its disks and config are there as they were.`,
    `Start it there once the cause is gone. ${said(p.said)}`,
  ],
  'move.noUuid': (p) => [
    `The config of ${p.name} has no uuid, by which both hosts know it while its disks are copied.`,
    'Write one into its config, then move it.',
  ],
  'move.killed': (p) => [
    `The process that moved ${p.name} to ${p.host} was killed on the source. The machine goes on there.`,
    'Find out why before you move it again.',
  ],
  'move.undecided': (p) => [
    `The move of ${p.name} broke off in the final handover.`,
    'Look at both hosts. Until then, start it on neither.',
  ],
  'move.restarted': (p) => [
    `A host went down while ${p.name} was moving to ${p.host}. It could not go on where it stood, and was started again from its disk.`,
    'Look whether its services are up.',
  ],
  'move.halted': (p) => [
    `A host went down while ${p.name} was moving to ${p.host}. It runs nowhere now.`,
    'Its config is in place at the source: start it there.',
  ],
  'move.rootLoginRefused': (p) => [
    `${p.host} lets no other server in as root (PermitRootLogin no, or no key files).`,
    'Set “PermitRootLogin prohibit-password” in its sshd_config: moves use a key that works once. Or choose your SSH agent as the way.',
  ],
  'move.tooLateToCancel': () => [
    'The target is ready; it can’t be cancelled any more.',
    'It ends in a moment. To go back, move it the other way.',
  ],
  'guard.livesElsewhere': (p) => [
    `${p.name} moved away and is on ${p.where} now. What lies in this trash is how it was before the move.`,
    'Put back, it would be there twice, and the older one lacks all that was written since. If you want that, type its name.',
  ],
  'guard.leaseTaken': (p) => [
    `Another XenFerry was just starting something from ${p.disk}, the disk of ${p.name}.`,
    'Look where it runs now before you try again.',
  ],
  'guard.twice': (p) => [
    `${p.name} runs here, and ${p.where} runs ${p.other} from the same disk or as the same machine.`,
    'Both write to it, and that destroys it. Stop one of them at once.',
  ],
  'guard.leaseElsewhere': (p) => [
    `${p.name} runs here, but beside its disk ${p.disk} it is noted that ${p.where} uses it.`,
    'Make sure at once that it does not run there too.',
  ],
  ...problemsTogetherEn,
  ...problemsAgentEn,
  ...problemsLaterEn,
  ...problemsDisksEn,
  'task.unknown': () => ['That work is not there any more.', 'Look at History.'],
  'task.ended': () => ['That work has ended already.', 'Its outcome is in History.'],
  'task.notCancellable': () => ['This can’t be cancelled now.', 'Wait for its end.'],
  'task.cancelled': () => ['It was cancelled from another XenFerry.', 'The machine goes on where it was.'],
  'task.interrupted': () => ['The program ended while this was going on.', 'Look at the state of host and machine.'],
  'secrets.unsafeStore': (p) => [
    `This computer’s store for secrets (${p.backend}) is not safe, so nothing was stored.`,
    'Go on without storing, or insist on it in Settings.',
  ],
  'console.busy': (p) => [`Someone else has the console of ${p.name} open.`, 'Wait until it is closed.'],
  'console.none': (p) => [
    `${p.name} has no ${p.kind === 'vnc' ? 'graphical' : 'serial'} console.`,
    p.kind === 'vnc' ? 'Add vnc=1 to its config and restart it.' : 'Add serial="pty" to its config and restart it.',
  ],
  'store.unwritable': (p) => [`${p.file} can’t be written.`, 'Check free space and rights on this computer.'],
  'store.newer': (p) => [`${p.file} was written by a newer XenFerry (version ${p.version}).`, 'Update this program.'],
  'store.inUse': (p) => [
    `${p.file} was not written: ${writers[p.shell]} is running on this computer (process ${p.pid}) and has the saved data.`,
    'Do it there, or close it and try again.',
  ],
  'store.changed': (p) => [
    `${p.file} was not written: another XenFerry on this computer changed it in the meantime.`,
    'Start this program again, so that it reads what is there now.',
  ],
  'input.refused': (p) => {
    if (p.why === 'too_small') return ['This can’t be left empty.', 'Type a value.'];
    if (p.why === 'too_big') return ['This is too long or too large.', 'Type less.'];
    return [`The input was refused${p.path ? ` (${p.path})` : ''}.`, 'Check the values.'];
  },
  'call.unknown': (p) => [`Page and program are of different versions (${p.name}).`, 'Start the program again.'],
  'port.closed': () => ['The connection to the program itself is lost.', 'When it is back, look at the list of work for the outcome.'],
  'program.fault': () => ['A fault in the program.', 'Please report it with the details. The state of hosts and machines is as shown.'],
};
