import { said } from './jaTogether.ts';
import type { ProblemWords } from './shape.ts';

/** 移行元が操作者の SSH エージェントで接続する移行。 */
export const problemsAgentJa: Pick<
  ProblemWords,
  'move.byAgent' | 'move.agentDoor' | 'move.agentRefused' | 'move.agentSudo' | 'move.agentCut' | 'move.laterAgent'
> = {
  'move.byAgent': (p) => [
    `${p.from} が、あなたの SSH エージェントの鍵で ${p.to} に接続します。${p.to} の authorized_keys には何も書きません。接続が済むまでは、${p.from} の root ならだれでも、その鍵で接続できます。`,
    'メモリー（停止して移すときはディスク）の転送が始まるまで、このコンピューターの電源と接続を切らないでください。その前に切れたときは、移行元に残ります。',
  ],
  'move.agentDoor': (p) => [
    `${p.host} の SSH サーバーが、SSH エージェントの転送を許していません（sshd_config の AllowStreamLocalForwarding や DisableForwarding）。`,
    '「AllowStreamLocalForwarding yes」にするか、ほかの転送方法を選んでください。',
  ],
  'move.agentRefused': (p) => [
    `移行元から ${p.host} へ、SSH エージェントの鍵で接続できませんでした。${said(p.said)}`,
    `${p.host} が受け付ける鍵がエージェントにあるか、ロックされていないかを確かめるか、ほかの転送方法を選んでください。`,
  ],
  'move.agentSudo': (p) => [
    `${p.host} の sudo はパスワードを求めますが、ほかのサーバーにパスワードは渡しません。`,
    `${p.host} でパスワードなしの sudo を許すか、root で接続するか、ほかの転送方法を選んでください。`,
  ],
  'move.agentCut': (p) => [
    `${p.name} を送ろうとしたとき、SSH エージェントが応答しませんでした。このコンピューターとの接続が切れたか、エージェントが署名しませんでした。仮想マシンは移行元に残っています。`,
    'このコンピューターを移行元につなぎ、エージェントに鍵がある状態で、もう一度移行してください。',
  ],
  'move.laterAgent': () => [
    'SSH エージェントを使う移行は予約できません。その時刻に、このコンピューターが動いている必要があるためです。',
    '今すぐ移行するか、移行元から直接送る方法を選んでください。',
  ],
};
