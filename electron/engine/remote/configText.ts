import text from './programs/config.sh?raw';
import disksText from './programs/config-disks.sh?raw';

/** The program for a guest's config file, its autostart link, and the host's trash. */
export const configText = `${disksText}${text}`;
