import { problemsAgentJa } from './jaAgent.ts';
import { problemsDisksJa } from './jaDisks.ts';
import { problemsLaterJa } from './jaLater.ts';
import { listed, problemsTogetherJa, said } from './jaTogether.ts';
import type { EffectWords, ProblemWords } from './shape.ts';

export const effectsJa: EffectWords = {
  none: '何も変更していません。',
  partial: '一部が変更されています。',
  unknown: '変更されたかどうか、まだわかりません。',
};

const states: Record<string, string> = {
  running: '稼働中',
  blocked: '稼働中',
  paused: '一時停止中',
  shutdown: '終了処理済み',
  crashed: 'クラッシュ',
  dying: '消滅中',
  halted: '停止中',
};
const writers = { electron: ' XenFerry のウィンドウ', server: 'ブラウザー用の XenFerry ', cli: ' XenFerry のコマンド' };
const secrets = { password: 'パスワード', passphrase: 'パスフレーズ', sudo: 'sudo のパスワード' };
/** Steps of a creation's job. */
const createSteps: Record<string, string> = {
  disk: 'ディスクの作成',
  copy: 'ディスクのコピー',
  config: '設定の書き込み',
  autostart: '自動起動の設定',
  start: '起動',
};
const nameFaults = {
  empty: '空です',
  slash: '「/」は使えません',
  control: '改行や制御文字は使えません',
  length: '長すぎます',
  reserved: 'Xen が使う名前です',
  characters: '使えない文字があります',
};
const doctorRefusals: Record<string, string> = {
  busy: 'ほかの処理がこの仮想マシンを扱っています。',
  moving: 'このホストで、仮想マシンの移行が進んでいます。',
  running: '直前の確認で、動いていることがわかりました。',
  changed: '直前の確認で、状態が変わっていることがわかりました。',
  inuse: 'このディスクは使用中（仮想マシン、またはマウント）なので、動かしていません。',
};

export const problemsJa: ProblemWords = {
  'ssh.unknownHost': (p) => [
    `「${p.address}」という名前のホストが見つかりません。`,
    'アドレスの綴りと、ネットワークの名前解決（DNS）を確かめてください。',
  ],
  'ssh.refused': (p) => [
    `${p.address} のポート ${p.port} が接続を断りました。`,
    'sshd が動いているか、ポート番号が正しいかを確かめてください。',
  ],
  'ssh.timedOut': (p) => [
    `${p.address} のポート ${p.port} から返事がありません。`,
    '電源、ネットワーク、ファイアウォールを確かめてください。',
  ],
  'ssh.unreachable': (p) => [
    `${p.address}（ポート ${p.port}）まで届きません。`,
    'ネットワークの接続と経路（VPN など）を確かめてください。',
  ],
  'ssh.notSsh': (p) => [`${p.address} のポート ${p.port} は SSH ではありません。`, 'ポート番号を確かめてください。'],
  'ssh.noCommonAlgorithm': (p) => [
    `${p.address} と共通の暗号方式がありません（${p.what}）。`,
    'サーバーの sshd の設定で、対応する方式を加えてください。',
  ],
  'ssh.closed': (p) => [
    `${p.address} との接続が閉じられました。`,
    '自動でつなぎ直します。続くときはサーバーの sshd の記録を見てください。',
  ],
  'ssh.tooManySessions': (p) => [
    `${p.address} がこれ以上の通信を受け付けません。`,
    '開いているコンソールを閉じるか、sshd の MaxSessions を増やしてください。',
  ],
  'ssh.forwardRefused': (p) => [
    `${p.address} の中のポート ${p.port} への中継が断られました。`,
    'sshd の AllowTcpForwarding を確かめてください。',
  ],
  'auth.wrongPassword': (p) => [`${p.user}@${p.address} のパスワードが違います。`, '正しいパスワードを入力してください。'],
  'auth.keyRefused': (p) => [
    `${p.address} は、ユーザー ${p.user} にこの鍵を認めていません。`,
    '公開鍵がサーバーの ~/.ssh/authorized_keys にあるか、ユーザー名が正しいかを確かめてください。',
  ],
  'auth.agentMissing': () => ['SSH エージェントが動いていません。', 'エージェントを起動するか、鍵ファイルかパスワードを選んでください。'],
  'auth.agentRefused': (p) => [
    `エージェントの鍵は、どれも ${p.user}@${p.address} に認められませんでした。`,
    '鍵をエージェントに加える（ssh-add）か、別の認証を選んでください。',
  ],
  'auth.keyUnreadable': (p) => [`鍵のファイル ${p.path} が読めません。`, 'ファイルの場所と、読む権限を確かめてください。'],
  'auth.keyUnsupported': (p) => [
    `${p.path} の形式（${p.format}）は使えません。`,
    'OpenSSH、PKCS#1、SEC1、PKCS#8 のいずれかの鍵を選んでください。',
  ],
  'auth.passphraseNeeded': (p) => [`鍵 ${p.path} にはパスフレーズが要ります。`, 'パスフレーズを入力してください。'],
  'auth.passphraseWrong': (p) => [`鍵 ${p.path} のパスフレーズが違います。`, '正しいパスフレーズを入力してください。'],
  'auth.methodRefused': (p) => [
    `${p.address} は、${p.user} にこの認証方法を認めていません。`,
    p.offered.length > 0 ? `認められている方法: ${listed(p.offered)}` : '別の認証方法を選んでください。',
  ],
  'auth.secretNeeded': (p) => [`${secrets[p.what]}が要ります。`, '入力してください。'],
  'hostKey.unknown': (p) => [
    `${p.address}（ポート ${p.port}）の鍵はまだ知られていません。`,
    '指紋を確かめて、信頼するかどうか決めてください。',
  ],
  'hostKey.changed': (p) => [
    `${p.address} のホスト鍵が、記録と違います。`,
    '両方の指紋を見比べ、サーバーの管理者に確かめてください。確かめるまで接続しません。',
  ],
  'hostKey.revoked': (p) => [
    `${p.address} の鍵は無効と記録されています。`,
    'known_hosts の @revoked の行と、サーバーの鍵を管理者に確かめてください。',
  ],
  'host.duplicate': (p) => [`同じ機械が「${p.label}」として登録されています。`, '登録済みのほうを使うか、その設定を編集してください。'],
  'host.unknown': () => ['そのホストは一覧にありません。', '画面を新しくして、もう一度選んでください。'],
  'host.notOpen': (p) => [`${p.label} につながっていません。`, '接続してから、もう一度行ってください。'],
  'host.readOnly': (p) => [
    `このホストは ${p.toolstack} が管理しています。`,
    '見るだけにしています。変更は、そちらの道具で行ってください。',
  ],
  'host.noXen': (p) => [`${p.label} では Xen が動いていません。`, 'Xen で起動しているか（dom0 か）を確かめてください。'],
  'host.noXl': (p) => [`${p.label} に xl がありません。`, 'Xen の道具（Debian では xen-utils）を入れてください。'],
  'host.noRights': (p) => [
    `ユーザー ${p.user} には Xen を操作する権利がありません。`,
    'root でつなぐか、このユーザーに sudo を許してください。',
  ],
  'host.sudoPassword': (p) => [
    `ユーザー ${p.user} の sudo がパスワードを求めています。`,
    '接続の設定に sudo のパスワードを入れてください。',
  ],
  'host.sudoWrongPassword': (p) => [`ユーザー ${p.user} の sudo のパスワードが違います。`, '接続の設定で入れ直してください。'],
  'host.sudoNotAllowed': (p) => [
    `ユーザー ${p.user} は sudo を許されていません。`,
    'サーバーの sudoers に加えるか、別のユーザーでつないでください。',
  ],
  'host.noBridge': () => [
    'ブリッジがありません。',
    '仮想マシンをネットワークにつなぐには、このホストにブリッジ（xenbr0 など）を作ってください。',
  ],
  'host.noPlace': () => ['ディスクを置ける場所が見つかりません。', 'フォルダーか LVM のボリュームグループを用意してください。'],
  'host.toolMissing': (p) => [`「${p.tool}」というコマンドがありません。`, 'サーバーにインストールしてください。'],
  'config.missing': (p) => [`設定ファイル ${p.file} がありません。`, '一覧を確かめてください。'],
  'config.unwritable': (p) => [`${p.file} に書き込めません。`, 'サーバーの空き容量と権限を確かめてください。'],
  'create.isoNeedsHvm': () => [
    'ISO からのインストールは、HVM の仮想マシンでだけできます。',
    '種類を HVM にするか、カーネルから起動してください。',
  ],
  'create.noDisk': () => ['ディスクがありません。', 'ディスクを加えるか、既存のディスクを選んでください。'],
  'create.diskTooSmall': (p, f) => [`ディスクが小さすぎます。少なくとも ${f.memory(p.neededMiB)} 要ります。`, '大きくしてください。'],
  'create.toolMissing': (p) => [`作成に使うコマンド「${p.tool}」がサーバーにありません。`, 'サーバーにインストールしてください。'],
  'create.interrupted': (p) => [
    '作成が途中で切れました。',
    p.left.length > 0 ? `残っているもの: ${listed(p.left)}` : '何も残っていません。もう一度作成できます。',
  ],
  'disk.inUse': (p) => [`${p.path} は、ほかで使われています。`, '別のディスクを選んでください。'],
  'jump.unsupported': (p) => [`SSH の設定「${p.directive}」には従えません。`, '経由するホストを ProxyJump で書いてください。'],
  'output.unreadable': (p) => [`「${p.what}」の出力が読み取れませんでした。`, 'ほかの表示は続けます。詳細を添えて知らせてください。'],
  'command.failed': (p) => [`コマンド「${p.command}」が失敗しました${p.exit === null ? '' : `（終了コード ${p.exit}）`}。`, said(p.said)],
  'command.timedOut': (p) => [
    `コマンド「${p.command}」が ${p.seconds} 秒たっても終わりません。`,
    'サーバーの負荷を確かめて、もう一度行ってください。',
  ],
  'command.quoting': () => ['改行か NUL を含む文字列は、サーバーへ渡せません。', 'その文字を取り除いてください。'],
  'program.unknown': (p) => [`サーバーが「${p.name}」を知りません。`, 'このプログラムを新しくしてください。'],
  'guest.unknown': (p) => [`仮想マシン「${p.guest}」は、もうありません。`, '一覧を確かめてください。'],
  'guest.wrongState': (p) => [
    `${p.name} は「${states[p.state] ?? p.state}」なので、この操作はできません。`,
    '状態が変わってから行ってください。',
  ],
  'guest.noPvControl': (p) => [
    `${p.name} には PV の合図を受け取る仕組みがありません。`,
    '「電源ボタンを押す（ACPI）」でシャットダウンしてください。',
  ],
  'guest.stillRunning': (p) => [
    `${p.name} は ${p.seconds} 秒待っても終わりませんでした。`,
    '中のシステムをコンソールで確かめてください。急ぐときは強制停止があります。',
  ],
  'guest.nameMismatch': (p) => [`入力した名前が「${p.name}」と違います。`, '名前をそのまま入力してください。'],
  'guest.elsewhere': (p) => [
    `${p.name} は ${p.where} で動いています。`,
    '同じ仮想マシンを 2 か所で動かすとディスクが壊れます。そちらを止めてから行ってください。',
  ],
  'guest.diskInUse': (p) => [
    `ディスク ${p.disk} は、${p.where} の ${p.name} が使っています。`,
    'その仮想マシンを止めるか、別のディスクを使ってください。',
  ],
  'guest.busy': (p) => [`${p.name} では別の処理が続いています。`, '終わるのを待つか、下の処理の一覧で中止してください。'],
  'guest.startFailed': (p) => [`${p.name} を起動できませんでした。`, said(p.said)],
  'guest.noConfig': (p) => [`${p.name} には設定ファイルがありません。`, '設定ファイルを作ってから行ってください。'],
  'guest.leftover': (p) => [`${p.name} は、途中で終わった移行の残りです。`, '両方のホストを確かめ、片付けてから行ってください。'],
  'memory.short': (p, f) => [
    `メモリーが ${f.memory(p.shortMiB)} 足りません。`,
    'ほかの仮想マシンを止めるか移すか、メモリーを減らしてください。',
  ],
  'config.changed': (p) => [`${p.file} が、読んだあとに書き換えられました。`, '読み直してから、もう一度編集してください。'],
  'config.unreadable': (p) => [
    `${p.file} の ${p.line} 行目が読み取れません: ${p.sample}`,
    'その行を直してください。ほかの行はそのままにします。',
  ],
  'config.exists': (p) => [`${p.file} はもうあります。`, '別の名前にしてください。'],
  'config.unsafeName': (p) => [`この名前は使えません: ${nameFaults[p.why]}。`, '別の名前にしてください。'],
  'trash.partly': (p) => [
    `${p.name} は、元に戻せません。`,
    '戻す移行が途中まで書き換えたディスクで、実際にあったどの時点の状態とも違います。次に戻す移行で、コピーの土台としてだけ使われます。',
  ],
  'trash.gone': (p) => [`${p.name} は、もうゴミ箱にありません。`, '別の人が戻したか、消したと思われます。'],
  'create.checkFailed': (p) => [`確認「${p.check}」に通りませんでした。`, said(p.said)],
  'create.stepFailed': (p) => [
    `「${createSteps[p.step] ?? p.step}」の段階で失敗しました。${p.undone.length > 0 ? `元に戻したもの: ${listed(p.undone)}。` : ''}`,
    p.left.length > 0 ? `残っているもの: ${listed(p.left)}。${said(p.said)}` : said(p.said),
  ],
  'create.typeMissing': (p) => [
    `このホストは ${p.type.toUpperCase()} の仮想マシンを動かせません。`,
    '別の種類か、別のホストを選んでください。',
  ],
  'create.imageUnreadable': (p) => [`イメージ ${p.path} が読めません。`, 'ファイルがあるか、壊れていないかを確かめてください。'],
  'disk.exists': (p) => [`${p.path} はもうあります。`, '別の名前か場所を選んでください。'],
  'disk.missing': (p) => [`${p.path} がありません。`, 'パスを確かめてください。'],
  'disk.unreachable': (p) => [`${p.where} からディスク ${p.path} に届きません。`, '共有ストレージがつながっているかを確かめてください。'],
  'move.saveRoom': (p, f) => [
    `${p.host} に、メモリーを保存する場所がありません。/var/lib/xenferry のある場所で ${f.memory(p.shortMiB)} 足りません。何も変更していません。`,
    'そこを空けるか、別の移し方を選んでください。',
  ],
  'space.short': (p, f) => [`${p.place} の空きが ${f.memory(p.shortMiB)} 足りません。`, '小さくするか、別の場所を選んでください。'],
  'mac.taken': (p) => [`MAC アドレス ${p.mac} は、${p.where} の ${p.name} が使っています。`, '別の MAC アドレスにしてください。'],
  'uuid.taken': (p) => [`同じ UUID の仮想マシン ${p.name} が ${p.where} にあります。`, 'コピーした設定なら、uuid の行を変えてください。'],
  'name.taken': (p) => [`${p.where} に同じ名前の ${p.name} があります。`, 'どちらかの名前を変えてください。'],
  'move.sameHost': () => ['もとから、このホストにあります。', '別のホストを選んでください。'],
  'move.notRunning': (p) => [`${p.name} は動いていません。`, '起動してから移行してください。'],
  'move.paused': (p) => [`${p.name} は一時停止中なので、移行できません。`, '再開してから移行してください。'],
  'move.pvNoShadow': (p) => [
    `${p.host} の Xen はシャドウページングなしで作られているため、PV の仮想マシンを動かしたまま移せません。`,
    '保存して移すか、停止して移すか、種類を PVH か HVM に変えてください。',
  ],
  'move.typeMissing': (p) => [`${p.host} は ${p.type.toUpperCase()} の仮想マシンを動かせません。`, '別のホストを選んでください。'],
  'move.versionDown': (p) => [
    `Xen ${p.from} から古い ${p.to} へは、動かしたまま移せません。`,
    '移行先の Xen を新しくするか、止めてから移してください。',
  ],
  'move.versionStep': (p) => [`Xen のバージョンが離れています（${p.from} から ${p.to}）。`, '一段ずつ移すほうが安全です。'],
  'move.vendor': (p) => [
    `CPU のメーカーが違うため（${p.from} と ${p.to}）、動かしたまま移せません。`,
    'シャットダウンしてから移してください。',
  ],
  'move.passthrough': (p) => [
    `${p.name} には、ホストの機器（PCI か USB）が直接つながっています。`,
    '機器を外すか、シャットダウンしてから移してください。',
  ],
  'move.noMigrate': (p) => [`${p.name} の設定に nomigrate=1 があります。`, '移してよいなら、その行を消してください。'],
  'move.diskBackend': (p) => [
    `ディスク ${p.disk} は別のドメイン（${p.domain}）が提供しているため、ホストからコピーや確認ができません。`,
    'dom0 が提供する設定（backend= なし）にするか、手動で移してください。',
  ],
  'move.diskNotShared': (p) => [`ディスク ${p.disk} は ${p.host} と共有されていません。`, '共有ストレージに置いてから移行してください。'],
  'move.configDiffers': (p) => [
    `${p.name} は設定ファイルと異なる設定で動作しており、移行には設定の書き換えが必要です。`,
    '一度再起動して両者をそろえるか、停止してから移行してください。',
  ],
  'move.left': (p) => [
    `仮想マシンは移行せず、移行元で動作を続けています。${p.host} で次のものを取り除けませんでした: ${p.paths.join('、')}。`,
    'どこからも使われていません。そのホスト上で手動で削除してください。',
  ],
  'move.cdromLocal': (p) => [`CD/DVD のイメージ ${p.disk} が ${p.host} にありません。`, '取り出すか、同じ場所に置いてください。'],
  'move.fileMissing': (p) => [`${p.host} に、起動に使うファイル ${p.path} がありません。`, '同じ場所に同じファイルを置いてください。'],
  'move.clock': (p, f) => [
    `${p.host} の時計が ${f.duration(p.differenceMs)}ずれています。`,
    '両方のホストの時刻を NTP で合わせてください。',
  ],
  'move.unreachable': (p) => [
    `${p.from} から ${p.to} に届くアドレスがありません。`,
    p.tried.length > 0
      ? `試したアドレス: ${listed(p.tried)}。ホスト間のネットワークとファイアウォールを確かめてください。`
      : 'ホスト間のネットワークを確かめてください。',
  ],
  'move.relayed': (p) => [
    `${p.from} から ${p.to} へ直接は送らず、このコンピューターが中継します。`,
    '終わるまで、このコンピューターの電源と両方への接続を切らないでください。途中で切れたときは、移行元に残ります。',
  ],
  'move.relayRefused': (p) => [
    `${p.host} の SSH サーバーが中継を許していないか（sshd_config の AllowTcpForwarding や PermitOpen）、その経路で応答しません。`,
    '「AllowTcpForwarding yes」にするか、ホストどうしが直接つながるようにしてください。',
  ],
  'move.relayCut': (p) => [
    `${p.name} の移行中に、このコンピューターを通る接続が切れました。仮想マシンは移行元に残っています。`,
    '両方の接続が安定してから、もう一度移行してください。',
  ],
  'move.targetFailed': (p) => ['移行先で受け取れなかったため、移行元で動き続けています。', said(p.said)],
  'move.failedAtSource': (p) => ['移行元で失敗したため、移行元で動き続けています。', said(p.said)],
  'doctor.stale': () => ['見つかったときから、状態が変わっています。', 'もう一度診断し、今の状態を確かめてください。'],
  'doctor.refused': (p) => [doctorRefusals[p.why] ?? said(p.said), 'しばらくしてから、もう一度診断してください。'],
  'doctor.left': (p) => [`${p.path} をゴミ箱に移せませんでした。`, '使用中でないかを確かめ、もう一度診断してください。'],
  'move.notShutDown': (p) => [
    `${p.name} は、シャットダウンを求めてから ${p.seconds} 秒たっても動いていたため、移していません。ほかには何もしていません。`,
    'コンソールを確かめてください。このあと停止することもあります。停止したら、もう一度移してください。',
  ],
  'move.notStarted': (p) => [
    `${p.name} はディスクも設定も ${p.host} に移りましたが、そこで起動できず、いまは動いていません。`,
    `原因を取り除いてから、${p.host} で起動してください。元のディスクは移行元のゴミ箱にあります。${p.said ? `${said(p.said)}` : ''}`,
  ],
  'move.cameBack': (p) => [
    `${p.name} を ${p.host} で起動できなかったので、移行元に戻して動かしています。ディスクも設定も元のままです。`,
    `原因を取り除いてから、もう一度移してください。${said(p.said)}`,
  ],
  'move.notStartedAgain': (p) => [
    `${p.name} は移すために停止しましたが、移せず、移行元で再び起動することもできませんでした。ディスクと設定は移行元に元のまま残っています。`,
    `原因を取り除いてから、移行元で起動してください。${said(p.said)}`,
  ],
  'move.noUuid': (p) => [
    `${p.name} の設定に uuid がありません。ディスクをコピーする間、両方のホストはこれで仮想マシンを見分けます。`,
    '設定に uuid を書いてから移してください。',
  ],
  'move.killed': (p) => [
    `${p.name} を ${p.host} へ移行していた処理が、移行元で強制終了されました。仮想マシンは移行元で動き続けています。`,
    '原因を確かめてから、もう一度移行してください。',
  ],
  'move.undecided': (p) => [
    `${p.name} の移行は、最後の受け渡しの途中で切れました。`,
    '両方のホストの状態を確かめてください。確かめるまで、どちらでも起動しないでください。',
  ],
  'move.restarted': (p) => [
    `${p.name} を ${p.host} に移している間に、ホストが止まりました。続きから動かせなかったため、ディスクから起動し直しました。`,
    '中のサービスが動いているか確かめてください。',
  ],
  'move.halted': (p) => [
    `${p.name} を ${p.host} に移している間に、ホストが止まりました。いまはどこでも動いていません。`,
    '設定は移行元にあります。移行元で起動してください。',
  ],
  'move.rootLoginRefused': (p) => [
    `${p.host} は、ほかのサーバーからの root の接続を許していません（PermitRootLogin no、または鍵ファイルが無効）。`,
    'sshd_config に「PermitRootLogin prohibit-password」と書いてください。移行には一度きりの鍵を使います。または、転送方法に SSH エージェントを選んでください。',
  ],
  'move.tooLateToCancel': () => [
    '移行先の準備ができたため、もう中止できません。',
    'まもなく終わります。戻すときは、逆向きに移行してください。',
  ],
  'guard.livesElsewhere': (p) => [
    `${p.name} は移行済みで、今は ${p.where} にあります。このゴミ箱にあるのは、移行する前の状態です。`,
    '元に戻すと二つになり、古いほうには移行後の書き込みが入っていません。それでも戻すときは、名前を入力してください。',
  ],
  'guard.leaseTaken': (p) => [
    `別の XenFerry が、ちょうど ${p.name} のディスク ${p.disk} から起動しているところでした。`,
    'いまどこで動いているかを確かめてから、やり直してください。',
  ],
  'guard.twice': (p) => [
    `${p.name} はここで動いていますが、${p.where} でも ${p.other} が、同じディスクから、または同じ仮想マシンとして動いています。`,
    '両方が書き込むとディスクが壊れます。すぐにどちらかを止めてください。',
  ],
  'guard.leaseElsewhere': (p) => [
    `${p.name} はここで動いていますが、ディスク ${p.disk} のそばに、${p.where} が使っているという記録があります。`,
    'そちらでも動いていないことを、すぐに確かめてください。',
  ],
  ...problemsTogetherJa,
  ...problemsAgentJa,
  ...problemsLaterJa,
  ...problemsDisksJa,
  'task.unknown': () => ['その処理は、もうありません。', '履歴を見てください。'],
  'task.ended': () => ['その処理は、もう終わっています。', '履歴で結果を見てください。'],
  'task.notCancellable': () => ['この処理は、いまは中止できません。', '終わるのを待ってください。'],
  'task.cancelled': () => ['別の XenFerry から中止されました。', '仮想マシンは、もとの場所で動き続けています。'],
  'task.interrupted': () => ['この処理は、途中でプログラムが終わりました。', 'ホストと仮想マシンの状態を確かめてください。'],
  'secrets.unsafeStore': (p) => [
    `このコンピューターの秘密の保存場所（${p.backend}）は安全ではないため、保存しませんでした。`,
    '保存せずに使うか、設定画面で「それでも保存する」を選んでください。',
  ],
  'console.busy': (p) => [`${p.name} のコンソールは、別の人が開いています。`, '閉じられるのを待ってください。'],
  'console.none': (p) => [
    `${p.name} には${p.kind === 'vnc' ? '画面' : 'シリアル'}のコンソールがありません。`,
    p.kind === 'vnc' ? '設定に vnc=1 を加えて起動し直してください。' : '設定に serial="pty" を加えて起動し直してください。',
  ],
  'store.unwritable': (p) => [`${p.file} に書き込めません。`, 'このコンピューターの空き容量と、フォルダーの権限を確かめてください。'],
  'store.newer': (p) => [`${p.file} は、より新しい XenFerry が書いたものです（版 ${p.version}）。`, 'このプログラムを新しくしてください。'],
  'store.inUse': (p) => [
    `${p.file} に書き込みませんでした。このコンピューターで${writers[p.shell]}が動いていて（プロセス ${p.pid}）、保存データを使っています。`,
    'そちらで操作するか、終了してからやり直してください。',
  ],
  'store.changed': (p) => [
    `${p.file} に書き込みませんでした。このコンピューターの別の XenFerry が、その間に書き換えました。`,
    'プログラムを起動し直して、いまの内容を読み込んでください。',
  ],
  'input.refused': (p) => {
    if (p.why === 'too_small') return ['空のままにはできません。', '値を入れてください。'];
    if (p.why === 'too_big') return ['長すぎるか、大きすぎます。', '短く、または小さくしてください。'];
    return [`入力が受け付けられませんでした${p.path ? `（${p.path}）` : ''}。`, '値を確かめてください。'];
  },
  'call.unknown': (p) => [`画面と本体のバージョンが違います（${p.name}）。`, 'プログラムを起動し直してください。'],
  'port.closed': () => ['プログラム本体との接続が切れました。', 'つなぎ直したあと、処理の一覧で結果を確かめてください。'],
  'program.fault': () => ['プログラムの誤りです。', '詳細を添えて知らせてください。ホストと仮想マシンの状態は、画面で確かめられます。'],
};
