// Who may import whom; docs/architecture.md says why. Types alone can't tell a package's import from another's.
const inside = (...folders) => `^(${folders.join('|')})/`;
const test = '\\.test\\.tsx?$|/(testWorld|programTest|ruleTest)\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'contract-imports-nobody',
      severity: 'error',
      from: { path: inside('electron/contract'), pathNot: test },
      to: { pathNot: ['^electron/contract/', '^node_modules/zod'] },
    },
    {
      name: 'renderer-knows-only-the-contract',
      severity: 'error',
      from: { path: inside('renderer') },
      to: { path: '^electron/(?!contract/)' },
    },
    {
      name: 'words-for-the-command-line-only',
      comment: 'What it says is what the page says; of the page it knows nothing else.',
      severity: 'error',
      from: { path: inside('electron'), pathNot: inside('electron/cli') },
      to: { path: '^renderer/' },
    },
    {
      name: 'command-line-knows-no-page',
      severity: 'error',
      from: { path: inside('electron/cli') },
      to: { path: '^renderer/(?!src/words/)|^renderer/.*\\.tsx$' },
    },
    {
      name: 'engine-knows-no-shell',
      severity: 'error',
      from: { path: inside('electron/engine'), pathNot: test },
      to: { path: '^electron/(?!contract/|engine/)|^renderer/' },
    },
    {
      name: 'simulator-does-not-share-the-engines-mistakes',
      comment: 'Of the engine it may know the interface of the world, and the texts of the programs it must recognise.',
      severity: 'error',
      from: { path: inside('electron/demo'), pathNot: test },
      to: { path: '^electron/engine/(?!world\\.ts$|remote/programs/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'electron-in-its-shell-only',
      severity: 'error',
      from: { pathNot: inside('electron/main', 'electron/preload', 'electron/utility') },
      to: { path: '^node_modules/electron/' },
    },
    {
      name: 'ssh2-in-its-place-only',
      severity: 'error',
      from: { pathNot: ['^electron/engine/ssh/', '^electron/demo/', test] },
      to: { path: 'node_modules/ssh2/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
