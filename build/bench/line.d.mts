/** Bytes of each second, and bytes a second that the line can carry. `idle`: share of seconds without traffic to speak of; `mean`: of the line's speed. */
export function lineShares(sent: readonly number[], speed: number): { idle: number | null; mean: number | null };
