import type { ProblemCode } from '../../../../electron/contract/problem.ts';
import type { ProblemWords } from './shape.ts';

export const said = (text: string) => (text.trim() ? `サーバーの返事: ${text.trim()}` : 'サーバーは理由を言いませんでした。');
export const listed = (items: readonly string[]) => items.join('、');
/** Why an interface can't be a bridge's port. */
const unfit = {
  missing: 'もうありません',
  address: 'アドレスが付いていて、サーバーへの通り道かもしれません',
  member: '別のブリッジかボンドに入っています',
  below: '別のネットワーク（VLAN など）がその上に作られています',
};
/** Features in a sentence: some by name, the rest by count. */
const some = (items: readonly string[]) =>
  items.length > 12 ? `${items.slice(0, 10).join('、')} ほか ${items.length - 10} 個` : items.join('、');

/** Of several servers together: partners, what one of them lacks, plans. */
export const problemsTogetherJa: Pick<
  ProblemWords,
  Extract<ProblemCode, 'bridge.missing' | 'guard.notAsked' | `twin.${string}` | `fix.${string}` | `plan.${string}`>
> = {
  'guard.notAsked': (p) =>
    p.copyOf
      ? [
          `${p.copyOf} に書き込んでいる仮想マシンがあるか、次のホストで確かめられませんでした: ${listed(p.hosts)}。`,
          `書き込み中に写すと、コピーが壊れるおそれがあります。接続するか、使われていないことを確かめて、新しい仮想マシンの名前 ${p.name} を入力してください。`,
        ]
      : [
          `${p.name} が動いていないかを確かめられなかったホストがあります: ${listed(p.hosts)}。${p.lastSeen === null ? '' : `最後に見たときは ${p.lastSeen} で動いていました。`}`,
          'もしそこで動いていると、ディスクが壊れます。接続してから行うか、動いていないことを確かめて名前を入力してください。',
        ],
  'twin.sameHost': () => ['同じサーバーどうしです。', '別のサーバーを選んでください。'],
  'bridge.missing': ({ bridge, where, there }) => {
    if (there === 'down')
      return [
        `${where} のブリッジ ${bridge} が止まっています。`,
        `移すとネットワークが切れます。${where} で上げてください（ip link set dev ${bridge} up）。`,
      ];
    if (there === 'noUplink')
      return [
        `${where} のブリッジ ${bridge} には、外につながるインターフェースが入っていません。`,
        `移すと ${where} の中としか通信できません。${bridge} にインターフェースを入れるか、仮想マシンのブリッジを変えてください。`,
      ];
    return [
      `${where} にブリッジ ${bridge} がありません。`,
      `${where} に ${bridge} を作る（ここから作れます）か、仮想マシンのブリッジを変えてください。`,
    ];
  },
  'twin.featuresMissing': (p) => [
    `${p.host} は、${p.types.map((type) => type.toUpperCase()).join('・')} の仮想マシンに次の CPU 機能を渡せません: ${some(p.features)}。`,
    p.grave
      ? 'これを使っている仮想マシンは、動かしたまま移すと止まるおそれがあります。起動前に設定の cpuid= で隠すか、停止して移してください。'
      : 'なくても動きますが、遅くなることがあります。',
  ],
  'twin.policyUnknown': (p) => [
    `${listed(p.hosts)} の CPU ポリシーが分かりません。`,
    'xen-cpuid -p がないか、知らない形で答えています。CPU の型番を見比べてください。',
  ],
  'twin.keymapMissing': (p) => [
    `${p.host} に、${listed(p.guests)} が使うキー配列 ${p.keymap} がありません。`,
    'そこでは起動できません。QEMU のキー配列（Debian では qemu-system-data）を入れるか、設定の keymap= を変えてください。',
  ],
  'twin.keymapsUnknown': (p) => [
    `${p.host} にキー配列 ${p.keymap} があるか分かりません。`,
    'QEMU のキー配列のフォルダーが見つかりません。使っている仮想マシンを移す前に確かめてください。',
  ],
  'twin.groupMissing': (p) => [
    `${p.host} に、${listed(p.guests)} のディスクがあるボリュームグループ ${p.group} がありません。`,
    '同じストレージ（SAN、iSCSI）をつなぐか、同じ名前のグループを用意してください。',
  ],
  'twin.volumeMissing': (p, f) => [
    `${p.host} に、${listed(p.guests)} のボリューム ${p.group}/${p.volume}（${f.memory(p.sizeMiB)}）がありません。`,
    'コピー先として、同じ大きさの空のボリュームを作れます。',
  ],
  'twin.folderMissing': (p) => [
    `${p.host} に、${listed(p.guests)} のディスクがあるフォルダー ${p.path} がありません。`,
    'フォルダーはここから作れます。ディスクそのものは、もう一方のサーバーにしかないままです。',
  ],
  'twin.mountMissing': (p) => [
    `${p.host} の ${p.path} に、${listed(p.guests)} のディスクがある ${p.source} がありません。`,
    '同じ場所にマウントしてください（/etc/fstab の行）。',
  ],
  'twin.mountDiffers': (p) => [
    `${p.host} の ${p.path} は、${listed(p.guests)} のディスクがある ${p.source} ではありません。`,
    '同じ場所に、同じものをマウントしてください。',
  ],
  'twin.disksUnknown': (p) =>
    p.disks.length === 0
      ? [`${listed(p.guests)} のディスクが分かりません。設定が読めないためです。`, '移す前に、設定を確かめてください。']
      : [
          `${listed(p.guests)} の次のディスクが ${p.host} にもあるかは、調べていません: ${some(p.disks)}。`,
          'デバイスそのものか、スクリプトや別の仮想マシンが出しているディスクです。移行前の確認で見られるものは見ます。残りは見比べてください。',
        ],
  'twin.devicesUnknown': (p) => [
    `${listed(p.guests)} は、サーバーの装置（PCI、USB）を直接使っています。${p.host} に同じものがあるかは、調べていません。`,
    '動かしたままでは移せません。その装置に入っているデータは、元のサーバーに残ります。',
  ],
  'twin.storageLocal': (p) => [
    `${p.place} は両方にありますが、中身は別々です。${listed(p.guests)} のディスクがここにあります。`,
    '動かしたままでは移せません。ディスクのコピーが要ります。',
  ],
  'fix.exists': (p) => [`${p.host} には、すでに ${p.thing} があります。`, 'そのままにしました。サーバーを調べ直してください。'],
  'fix.portUnfit': (p) => [
    `${p.host} のインターフェース ${p.port} はブリッジに入れられません。${unfit[p.unfit]}。`,
    '別のものを選ぶか、なしにしてください。',
  ],
  'fix.groupMissing': (p) => [`${p.host} にボリュームグループ ${p.group} がありません。`, 'サーバーを調べ直してください。'],
  'fix.changed': (p) => [`${p.host} で行うことが、表示したものと変わりました。`, 'もう一度、内容を確かめてください。'],
  'fix.busy': (p) => [`${p.host} では、いま別のものを作っています。`, '少し待って、もう一度行ってください。'],
  'fix.failed': (p) => [
    p.left.length > 0
      ? `${p.thing} を作れませんでした。元に戻しきれなかったもの: ${listed(p.left)}。`
      : `${p.thing} を作れませんでした。途中までのものは元に戻しました。`,
    said(p.said),
  ],
  'plan.unknown': () => ['この計画は、もうありません。', '計画の一覧を確かめてください。'],
  'plan.underWay': () => ['この計画の移行が進んでいます。', '実行中なら一時停止し、始まっている移行が終わるまで待ってください。'],
  'plan.nothingWaits': () => ['この計画には、移すものが残っていません。', '仮想マシンを計画に加えるか、新しい計画を作ってください。'],
  'plan.stepCancelled': (p) => [`${p.name} の移行は中止されました。`, '元の場所のままです。やり直すか、計画から外してください。'],
  'plan.stopHalted': (p) => [
    `${p.name} はいま動いていないため、移行先で起動されません。`,
    'ここで起動するか、移行から「停止」を外してください。外すと、止まったまま移ります。',
  ],
  'plan.notRunning': (p) => [
    `${p.name} は ${p.host} にありますが、動いていません。`,
    '止まっている理由を確かめて、そこで起動してください。そのあとこの移行をやり直すと、完了になります。',
  ],
  'plan.movedAway': (p) => [
    `${p.name} は今 ${p.where} にあり、この計画にある場所にはありません。`,
    'そこから移すか、計画から外してください。',
  ],
  'plan.twice': (p) => [`${p.name} が計画に 2 回入っています。`, 'どちらかを外してください。'],
};
