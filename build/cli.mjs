// npm run -s cli -- COMMAND …: the program by commands. Runs in this very process, so that Ctrl-C comes once.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { needBuild, needNode, needPackages, root } from './ready.mjs';

needNode();
needPackages();
needBuild();
// files are named from where the command was typed
process.chdir(process.env.INIT_CWD ?? process.cwd());
await import(pathToFileURL(join(root, 'out/main/cli.js')).href);
