import { bothWorlds } from './bothWorlds.ts';
import { simulatedWorld } from './simulated.ts';

bothWorlds(simulatedWorld);
