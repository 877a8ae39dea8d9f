import type { consoleJa } from '../ja/console.ts';

export const consoleEn: Record<keyof typeof consoleJa, string> = {
  'console.title': 'Console of {name}',
  'console.kind': 'Show',
  'console.screen': 'Screen',
  'console.text': 'Text (serial)',
  'console.opening': 'Connecting',
  'console.joined': 'Connected',
  'console.waiting': 'Waiting for the machine to come back',
  'console.ended': 'Not connected',
  'console.again': 'Connect again',
  'console.leave': 'Ctrl+F6 leaves it',
  'console.password': 'Password of this screen (VNC)',
  'console.join': 'Connect',
};
