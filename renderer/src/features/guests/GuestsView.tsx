/** Table of all guests. */
export function GuestsView() {
  return null;
}
