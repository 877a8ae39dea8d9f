import type { Finding } from '../../contract/doctor.ts';
import { diagnoseConfigs, diagnoseElsewhere, diagnoseNowhere } from './configs.ts';
import { diagnoseCopies } from './halves.ts';
import { diagnoseRests } from './rests.ts';
import type { Scene } from './scene.ts';

/**
 * What is not as it should be, from what all hosts said: the worst first. Pure. Each finding offers one action or none:
 * - no action destroys the only copy of a guest that may be alive, nor the last thing from which it could be started;
 * - none is offered while a host that matters could not be asked, or anything moves there.
 */
export function diagnose(scene: Scene): Finding[] {
  const found = [
    ...diagnoseCopies(scene),
    ...diagnoseNowhere(scene),
    ...diagnoseConfigs(scene),
    ...diagnoseElsewhere(scene),
    ...diagnoseRests(scene),
  ];
  return found.sort((a, b) => weights.indexOf(a.weight) - weights.indexOf(b.weight));
}

const weights = ['danger', 'attention', 'remark'] as const;
