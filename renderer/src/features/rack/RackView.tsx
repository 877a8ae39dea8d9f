/** The rack. */
export function RackView() {
  return null;
}
