import { listed } from './jaTogether.ts';
import type { ProblemWords } from './shape.ts';

/** Why a disk can't become what it was to be, in Japanese. */
export const problemsFormatsJa: Pick<ProblemWords, 'move.volumeFormat' | 'move.qcow2Tools'> = {
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
};
