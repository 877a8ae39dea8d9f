import { listed } from './jaTogether.ts';
import { type ProblemWords, roomOf } from './shape.ts';

/** Why a disk can't go along, or not as what it was to be, in Japanese. */
export const problemsDisksJa: Pick<
  ProblemWords,
  'move.volumeFormat' | 'move.qcow2Tools' | 'move.diskTwice' | 'move.diskTwin' | 'move.drbd' | 'move.disksFailed' | 'move.pauseTooLong'
> = {
  'move.volumeFormat': (p) => [
    `${p.vdev} を、ボリュームグループ ${p.group} の中で qcow2 にすることはできません。形式を選べるのはファイルだけです。`,
    '置き場所にフォルダーを選ぶか、形式の指定をやめてください。',
  ],
  'move.qcow2Tools': (p) => {
    const lacks = listed(p.lacks.map((one) => (one === 'nbd' ? 'カーネルモジュール nbd' : one)));
    const install = '足りないものをそのサーバーにインストール';
    const where = 'qemu-img と qemu-nbd は、Debian では qemu-utils というパッケージにあります。';
    return p.does === 'read'
      ? [
          `${p.host} は、${listed(p.vdevs)} の qcow2 ファイルをコピーのために読めません。ないもの: ${lacks}。`,
          `${install}してください。${where}`,
        ]
      : [
          `${p.host} は、${listed(p.vdevs)} の qcow2 ファイルを作れません。ないもの: ${lacks}。`,
          `${install}するか、raw のファイルまたはボリュームにしてください。${where}`,
        ];
  },
  'move.diskTwin': (p) => [
    `両方のホストに同じ UUID の ${p.disk} がありますが、その下のディスクのシリアル番号がわからないホストがあります。同じ 1 台のディスクか、その複製かを判断できません。`,
    `何も変更していません。${p.host} をもう一方の複製から作った場合は vgimportclone でボリュームグループに新しい UUID を付けてください。共有ディスクには、両方のホストから見えるシリアル番号が必要です。`,
  ],
  'move.drbd': (p) => [
    {
      secondary: `DRBD デバイス ${p.disk} は ${p.host} で Primary ではないため、仮想マシンがそこで書き込めません。`,
      apart: `DRBD デバイス ${p.disk} は、${p.host} から見てすべての相手とつながっていません。`,
      stale: `DRBD デバイス ${p.disk} は ${p.host} で最新の状態ではありません。`,
    }[p.lacks],
    {
      secondary: `何も変更していません。${p.host} で「drbdadm primary リソース名」を実行してください。移行のあいだは allow-two-primaries の設定が必要です。`,
      apart: '何も変更していません。「drbdadm connect リソース名」でつなぎ、追いつくのを待ってからやり直してください。',
      stale: '何も変更していません。「drbdadm status」が UpToDate になるのを待ってからやり直してください。',
    }[p.lacks],
  ],
  'move.diskTwice': (p) => [
    `ディスク ${p.disk} はこの仮想マシンに二重に接続されており（${listed(p.vdevs)}）、コピーすると別々のディスクになってしまいます。`,
    '片方の接続を外すか、共有ストレージに置いてから移してください。',
  ],
  'move.disksFailed': (p, f) => {
    const room = roomOf(p.said);
    return [
      `ディスクをコピーできませんでした（${room ? `移行先の ${room.place} の空きが ${f.memory(room.shortMiB)} 足りなくなりました` : p.said}）。仮想マシンは移行元で動作を続けており、ディスクも元のままです。`,
      room ? '空きを作るか、置き場所を変えて、もう一度移行してください。' : '「詳細」を見て原因を取り除き、もう一度移行してください。',
    ];
  },
  'move.pauseTooLong': (p) => [
    `ディスクを比べる間、仮想マシンが約 ${p.minutes} 分止まることになります（上限は 10 分）。移行元で動作を続けており、何も変わっていません。`,
    '停止してからの移行を選んでください。時間がかかっても構いません。',
  ],
};
