// Starts the app folder named on the command line, as Electron's own default app does: synchronously, before the app is ready.
const { app } = require('electron');
const fs = require('node:fs');
const path = require('node:path');

const folder = path.resolve(process.argv.slice(1).find((word) => !word.startsWith('-')) ?? '.');
const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
app.setName(manifest.productName ?? manifest.name);
app.setVersion(manifest.version);
app.setAppPath(folder);
process.defaultApp = true;
app.setPath('userData', app.commandLine.getSwitchValue('user-data-dir') || path.join(app.getPath('appData'), app.name));
require(path.join(folder, manifest.main));
