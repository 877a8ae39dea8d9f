/** Serial and graphical consoles. */
export const consoleJa = {
  'console.title': '{name} のコンソール',
  'console.kind': '表示',
  'console.screen': '画面',
  'console.text': '文字（シリアル）',
  'console.opening': 'つないでいます',
  'console.joined': 'つながっています',
  'console.waiting': '仮想マシンが戻るのを待っています',
  'console.ended': 'つながっていません',
  'console.again': 'つなぎ直す',
  'console.leave': 'Ctrl+F6 で抜けます',
  'console.password': 'この画面（VNC）のパスワード',
  'console.join': 'つなぐ',
} as const;
