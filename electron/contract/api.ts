import { z } from 'zod';
import type { AppInfo, Prompt, Settings, TrashEntry } from './app.ts';
import { settings } from './app.ts';
import type { Check } from './creation.ts';
import { guestSpec } from './creation.ts';
import { fileFormat, type MoveWay } from './diskTravel.ts';
import type { DoctorReport } from './doctor.ts';
import type { Guest, HostSample } from './guest.ts';
import type { Host, HostSuggestion } from './host.ts';
import { hostInput } from './host.ts';
import { type Plan, stepInput, typedForStep } from './plan.ts';
import type { Ping, Task } from './task.ts';
import { transport } from './transport.ts';
import { type FixPreview, fix, type TwinReport } from './twin.ts';

const none = z.strictObject({});
const onHost = z.strictObject({ hostId: z.string() });
const onGuest = z.strictObject({ hostId: z.string(), guestId: z.string() });
const onTask = z.strictObject({ taskId: z.string() });
const onPlan = z.strictObject({ planId: z.string() });
const planned = output<{ planId: string }>();
/** The guest's name as the operator typed it; null: not asked for. */
const limitMiBPerS = z.number().int().min(1).max(100_000).nullable();
const typedName = z.string().max(300).nullable().default(null);
/** Where disks that are copied are to stand at the target: `placeId` by vdev. Absent ones go where it suits best. Problem: `space.short`. */
const places = z.record(z.string().max(64), z.string().max(4200)).default({});
/**
 * What disks that are copied are to become there, by vdev: a file of this format, in a folder. Absent ones stay what they are, or what the
 * guest left there. Problems: `move.volumeFormat` (qcow2, and a volume group in `places`), `move.qcow2Tools`.
 */
const formats = z.record(z.string().max(64), fileFormat).default({});
const started = output<{ taskId: string }>();

/** What a feed of entities says: all of them first, then each change. */
export type Change<T> = { is: 'all'; items: T[] } | { is: 'put'; item: T } | { is: 'gone'; id: string };

/**
 * THE table: everything the page can ask of the engine. `call` answers once; `feed` goes on until undone.
 * Inputs are parsed on arrival; unknown names and fields are refused (`call.unknown`, `input.refused`).
 */
export const api = {
  'app.info': call(none, output<AppInfo>()),
  /** From the first screen: the demo servers instead of one's own, until the program ends. Then the page loads itself anew. */
  'app.openDemo': call(none, output<null>()),
  /** Tells the engine whether anyone looks: figures slow down while nobody does. */
  'app.visible': call(z.strictObject({ visible: z.boolean() }), output<null>()),
  'settings.read': call(none, output<Settings>()),
  'settings.write': call(settings, output<Settings>()),

  'host.watch': feed(none, output<Change<Host>>()),
  /** Connects and stores. Fails with `hostKey.unknown` first; again with that fingerprint in `accept`, it is trusted. Nothing is stored on failure. */
  'host.add': call(z.strictObject({ host: hostInput, accept: z.string().nullable().default(null) }), output<{ hostId: string }>()),
  /** As add, on a saved host. An absent secret keeps the stored one. */
  'host.edit': call(
    z.strictObject({ hostId: z.string(), host: hostInput, accept: z.string().nullable().default(null) }),
    output<{ hostId: string }>(),
  ),
  'host.remove': call(onHost, output<null>()),
  'host.connect': call(onHost, output<null>()),
  'host.disconnect': call(onHost, output<null>()),
  /** Examines anew. */
  'host.examine': call(onHost, output<null>()),
  /** Replaces a changed host key; `fingerprint` is the one shown. */
  'host.trustKey': call(z.strictObject({ hostId: z.string(), fingerprint: z.string() }), output<null>()),
  'host.suggestions': call(none, output<HostSuggestion[]>()),
  'prompt.watch': feed(none, output<Change<Prompt>>()),
  'prompt.answer': call(z.strictObject({ promptId: z.string(), answers: z.array(z.string().max(1024)).nullable() }), output<null>()),

  'guest.watch': feed(none, output<Change<Guest>>()),
  'figures.watch': feed(none, output<HostSample>()),
  /** Samples kept in memory (the last 10 minutes), oldest first, to fill a chart. */
  'figures.history': call(onHost, output<HostSample[]>()),
  /** Where hosts could not be asked whether it runs there: `guard.notAsked`, unless its name is typed. */
  'guest.start': call(onGuest.extend({ typedName }), started),
  /** `acpi`: press the power button (xl shutdown -F) where there is no PV control. */
  'guest.shutdown': call(onGuest.extend({ acpi: z.boolean().default(false) }), started),
  'guest.reboot': call(onGuest.extend({ acpi: z.boolean().default(false) }), started),
  'guest.forceOff': call(onGuest.extend({ typedName: z.string() }), started),
  'guest.pause': call(onGuest, started),
  'guest.resume': call(onGuest, started),
  /** Config, and if asked the disks, go to the host's trash. */
  'guest.remove': call(onGuest.extend({ typedName: z.string(), disks: z.boolean() }), started),
  'guest.setAutostart': call(onGuest.extend({ autostart: z.boolean() }), output<null>()),
  'guest.readConfig': call(onGuest, output<{ file: string; text: string; version: string }>()),
  'guest.writeConfig': call(onGuest.extend({ text: z.string().max(1_000_000), version: z.string() }), output<{ version: string }>()),
  'guest.giveUuid': call(onGuest, output<null>()),
  'trash.list': call(onHost, output<TrashEntry[]>()),
  /**
   * Where hosts could not be asked whether it runs there: `guard.notAsked`, unless its name is typed. Of what a move left here while the
   * guest is elsewhere: `guard.livesElsewhere`, likewise.
   */
  'trash.putBack': call(onHost.extend({ trashId: z.string(), typedName }), started),
  /** For good, with the disks in it; the name typed. Problems: `trash.gone`, `guest.nameMismatch`, `disk.inUse`, `guest.busy`. */
  'trash.letGo': call(onHost.extend({ trashId: z.string(), typedName: z.string() }), started),

  /** The config that would be written, and what each check says. Changes nothing. */
  'creation.check': call(onHost.extend({ spec: guestSpec }), output<{ text: string; checks: Check[] }>()),
  'creation.preview': call(onHost.extend({ spec: guestSpec }), output<{ text: string }>()),
  /** Started from an existing disk where hosts could not be asked who uses it: `guard.notAsked`, unless the guest's name is typed. */
  'creation.create': call(onHost.extend({ spec: guestSpec, typedName }), started),

  /** Looks at both hosts before a move; changes nothing. */
  'migration.check': call(
    onGuest.extend({ targetHostId: z.string(), transport: transport.nullable().default(null), places, formats }),
    output<
      MoveWay & {
        /** The way told of is a live move; false: it is halted, and goes as it is. */
        live: boolean;
        pingAddress: string | null;
        /** Another way of one that runs: shut down here, started there. null: it does not run. */
        stopped: MoveWay | null;
        /** A third one: its memory is saved here and restored there, and it stands still meanwhile. null: it does not run. */
        saved: MoveWay | null;
      }
    >(),
  ),
  /**
   * Where hosts could not be asked who uses its disks: `guard.notAsked`, unless its name is typed.
   * `limitMiBPerS`: disks that are copied leave the rest of the line to others; null: as fast as it goes.
   * `stop`: one that runs is shut down here, its disks are copied, and it is started there. `save`, with it: its memory is saved instead
   * (`xl save -p`, xl.1), and restored there, so that what runs in it goes on.
   * `at`: when it begins, ms since 1970; it waits for that at its host, which needs no desktop then. null: now. Only live and by the key:
   * `move.badTime`, `move.laterRelay`, `move.laterAgent`, `move.laterStopped`.
   */
  'migration.start': call(
    onGuest.extend({
      targetHostId: z.string(),
      typedName,
      pingAddress: z.string().max(255).nullable().default(null),
      limitMiBPerS: limitMiBPerS.default(null),
      transport: transport.nullable().default(null),
      places,
      formats,
      stop: z.boolean().default(false),
      save: z.boolean().default(false),
      at: z.number().int().nullable().default(null),
    }),
    started,
  ),
  /** Hosts that this guest left, where the disks it had there still lie in the trash: moved back, only what changed is copied. */
  'migration.origins': call(onGuest, output<{ hostId: string; leftAt: number; sizeMiB: number }[]>()),
  /** Replies while the guest of this task moves, several a message. None at all from somewhere: it can't be reached from there. */
  'migration.pings': feed(onTask, output<{ from: string; pings: Ping[] }>()),

  /** Looks at two hosts as partners, both ways; changes nothing. Both are examined anew. */
  'twin.check': call(onHost.extend({ otherHostId: z.string() }), output<TwinReport>()),
  /** What would be run and written to make something that is missing. Changes nothing. */
  'fix.preview': call(onHost.extend({ fix }), output<FixPreview>()),
  /** Makes it, whole or not at all, if what was `shown` is still what would be done (`fix.changed`). The host is examined anew. */
  'fix.make': call(onHost.extend({ fix, shown: z.string().max(100) }), output<null>()),
  /** Plans of several moves, drafts too; kept over restarts until they are discarded. */
  'plan.watch': feed(none, output<Change<Plan>>()),
  /**
   * Makes a draft that empties this host, looking at the hosts for each guest. Changes nothing there. `halted`: guests that don't run go
   * too. `stops`: those that no host takes while they run go with a stop.
   */
  'plan.empty': call(onHost.extend({ halted: z.boolean().default(false), stops: z.boolean().default(false) }), planned),
  /** Makes a draft of the way back of what this plan did, the last first. */
  'plan.back': call(onPlan, planned),
  /**
   * A new draft (`planId` null), or other steps for what has not begun: in this order, to these hosts. Failed steps that are not named
   * stay as they are; named, they wait anew. Problems: `plan.unknown`, `plan.twice`.
   */
  'plan.save': call(z.strictObject({ planId: z.string().nullable(), steps: z.array(stepInput).max(2000) }), planned),
  /**
   * Begins, or goes on after a pause. Moves begin by themselves, one at a time between two hosts. Where hosts can't be asked who runs there,
   * only guests in `typedNames` go; at the turn of another one the plan pauses. They hold until it is run anew. Problems:
   * `plan.nothingWaits`, `guest.nameMismatch`.
   */
  'plan.run': call(onPlan.extend({ typedNames: z.array(typedForStep).max(2000).default([]) }), output<null>()),
  /** What copied disks may take of the line, of each move of it that has not begun; null: as fast as it goes. Problem: `plan.unknown`. */
  'plan.limit': call(onPlan.extend({ limitMiBPerS }), output<null>()),
  /** No further move begins; those under way go on to their end. */
  'plan.pause': call(onPlan, output<null>()),
  /** Forgets it. What was moved stays where it is. Problem: `plan.underWay`. */
  'plan.discard': call(onPlan, output<null>()),
  /** Looks for what broken moves and creations left, on one host or on all; changes nothing. */
  'doctor.look': call(z.strictObject({ hostId: z.string().nullable().default(null) }), output<DoctorReport>()),
  /** Mends what a finding offers, if all is still as it was shown (`doctor.stale`). `typedName`: where it asks for it. */
  'doctor.mend': call(
    z.strictObject({ findingId: z.string().max(1000), version: z.string().max(100), typedName: z.string().max(255).default('') }),
    started,
  ),
  /** The last report, and each new one; also those it makes by itself after something was interrupted. null: none yet. */
  'doctor.watch': feed(none, output<DoctorReport | null>()),

  'task.watch': feed(none, output<Change<Task>>()),
  'task.cancel': call(onTask, output<null>()),
  /** Takes an ended task off the tray; it stays in History. */
  'task.dismiss': call(onTask, output<null>()),
  'history.list': call(z.strictObject({ limit: z.number().int().min(1).max(1000).default(200) }), output<Task[]>()),

  /** A byte stream to a console; `stream` names the port to open (`connect`). It re-attaches by itself after reboot and migration. */
  'console.open': call(
    onGuest.extend({
      kind: z.enum(['serial', 'vnc']),
      columns: z.number().int().min(2).max(1000).default(80),
      rows: z.number().int().min(2).max(1000).default(24),
    }),
    output<{ stream: string }>(),
  ),
  'console.resize': call(
    z.strictObject({ stream: z.string(), columns: z.number().int().min(2).max(1000), rows: z.number().int().min(2).max(1000) }),
    output<null>(),
  ),
} as const;

export type Api = typeof api;
export type CallName = { [N in keyof Api]: Api[N]['is'] extends 'call' ? N : never }[keyof Api];
export type FeedName = { [N in keyof Api]: Api[N]['is'] extends 'feed' ? N : never }[keyof Api];
/** What a caller writes (defaults may be left out). */
export type InputOf<N extends keyof Api> = z.input<Api[N]['input']>;
/** What a handler gets (defaults filled in). */
export type ParsedInputOf<N extends keyof Api> = z.output<Api[N]['input']>;
export type OutputOf<N extends keyof Api> = Api[N]['output']['of'];

/** What the engine offers: one function a line of the table. */
export type Handlers = {
  [N in CallName]: (input: ParsedInputOf<N>, signal: AbortSignal) => Promise<OutputOf<N>>;
} & {
  /** A feed calls `say` until the returned undo is called. */
  [N in FeedName]: (input: ParsedInputOf<N>, say: (item: OutputOf<N>) => void) => () => void;
};

interface Output<T> {
  of: T;
}
function output<T>(): Output<T> {
  return {} as Output<T>; // carries a type only
}
function call<I extends z.ZodType, O>(input: I, out: Output<O>) {
  return { is: 'call', input, output: out } as const;
}
function feed<I extends z.ZodType, O>(input: I, out: Output<O>) {
  return { is: 'feed', input, output: out } as const;
}
