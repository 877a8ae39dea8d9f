/** What is chosen, at the right. */
export function Inspector() {
  return null;
}
