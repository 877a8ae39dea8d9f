// npm run serve [-- --port N --token WORD --data DIR --demo]: the program in a browser, on this machine only.
import { join } from 'node:path';
import { become, needBuild, needNode, needPackages, root } from './ready.mjs';

needNode();
needPackages();
needBuild();
become(process.execPath, [join(root, 'out/main/server.js'), ...process.argv.slice(2)]);
