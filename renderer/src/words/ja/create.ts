/** The wizard for a new guest. */
export const createJa = {
  'create.title': '仮想マシンを作成',
} as const;
