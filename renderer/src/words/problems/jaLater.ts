import type { NotBegun } from '../../../../electron/contract/problem.ts';
import type { ProblemWords } from './shape.ts';

/** Why it did not begin: of the guest `name`, its target `host`, and what of it. */
const reasons: Record<NotBegun, (of: { name: string; host: string; said: string }) => string> = {
  halted: () => '仮想マシンが動いていませんでした',
  paused: () => '仮想マシンが一時停止中でした',
  busy: () => '別の処理が続いていました',
  config: (of) => `${of.said || '設定ファイル'} が書き換えられていました`,
  autostart: () => '自動起動の設定が変わっていました',
  disks: () => 'ディスクの構成が変わっていました',
  booted: () => 'ホストが再起動されたか、待機中の処理が終了させられました',
  door: (of) => `${of.host} に入れませんでした（再起動されたか、接続できない状態です）`,
  elsewhere: (of) => `${of.said || of.name} がすでに ${of.host} にありました`,
  memory: (of) => `${of.host} のメモリーが ${of.said} MiB 足りませんでした`,
  taken: (of) => `${of.host} に、内容の違う ${of.said} ができていました`,
  disk: (of) => `${of.host} で ${of.said} が元のとおりではありませんでした`,
  keys: (of) => `${of.host} の authorized_keys に書き込めませんでした`,
};

/** A newer engine may know of more. */
const reasonOf = (p: { why: string; name: string; host: string; said: string }): string =>
  (Object.hasOwn(reasons, p.why) ? reasons[p.why as NotBegun](p) : p.said) || p.why; // it is one of them

/** Moves that wait for their time, in Japanese. */
export const problemsLaterJa: Pick<
  ProblemWords,
  'move.scheduled' | 'move.badTime' | 'move.laterRelay' | 'move.laterStopped' | 'move.notBegun' | 'task.scheduled'
> = {
  'move.scheduled': (p, format) => [
    p.at === null
      ? `${p.name} の移行は、別の XenFerry がすでに予約しています。`
      : `${p.name} の移行は、すでに ${format.dateTime(p.at)} に予約されています。`,
    '先に、その予約を取り消してください。',
  ],
  'move.badTime': () => ['移行を予約できるのは、1 分後から 1 週間後までです。', '別の時刻を選んでください。'],
  'move.laterRelay': () => [
    'このコンピューターを通る移行は予約できません。その時刻に、このコンピューターが動いている必要があるためです。',
    '今すぐ移行するか、移行元から移行先へ直接つながるようにしてください。',
  ],
  'move.laterStopped': () => [
    '停止して移す移行は予約できません。移行先で起動できなかったときに、気づける人がいないためです。',
    '今すぐ停止して移すか、動いたままの移行を予約してください。',
  ],
  'move.notBegun': (p) => [
    `${p.name} は、予約の時刻に ${p.host} へ移行しませんでした。${reasonOf(p)}。元のホストにそのままあります。`,
    '原因を取り除いてから、もう一度移行してください。',
  ],
  'task.scheduled': (p, format) => [
    `${format.dateTime(p.at)} の移行を待つあいだに、プログラムが終わりました。準備ができていれば、ホストの上で続きます。`,
    'ホストに接続すると、結果がわかります。',
  ],
};
