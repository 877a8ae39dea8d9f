import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, crashReporter, protocol } from 'electron';
import { latePlace, ownPlace, type PagePlace } from './scheme.ts';

// What must be said before the app is ready. This file is CommonJS, so that it runs at once: an ES module is loaded while the app
// goes on, and may come too late.
const place = app.isReady() ? latePlace : ownPlace;
if (!app.isReady()) {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, corsEnabled: false, stream: true };
  protocol.registerSchemesAsPrivileged([{ scheme: ownPlace.scheme, privileges }]);
  // As root there is no sandbox to enable: --no-sandbox was said, and saying both is an error.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
}
crashReporter.start({ uploadToServer: false });
// A demo has its own folder: it can run beside the real program, and neither sees the other's servers.
if (process.argv.includes('--demo') && !app.commandLine.hasSwitch('user-data-dir')) {
  app.setPath('userData', join(app.getPath('appData'), 'XenFerry demo'));
}
import(pathToFileURL(join(__dirname, 'main.js')).href).then(
  (main: { run(place: PagePlace): void }) => main.run(place),
  (thrown: unknown) => {
    process.stderr.write(`xenferry: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
    app.exit(1);
  },
);
