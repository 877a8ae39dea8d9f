import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

const root = resolve(import.meta.dirname, '..');
/** cpu-features and ssh2's own binary are optional, and built for another ABI than Electron's: never bundled, never needed. */
const external = ['electron', /\.node$/, 'cpu-features'];

export default defineConfig({
  main: {
    root,
    define: versions(),
    build: {
      outDir: resolve(root, 'out/main'),
      externalizeDeps: false,
      // The oldest Node this runs on, in either shell.
      target: 'node20',
      sourcemap: false,
      rollupOptions: {
        external,
        // a package's word for React's servers ("use client") means nothing here
        onwarn: (warning, warn) => (warning.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : warn(warning)),
        input: {
          main: resolve(root, 'electron/main/main.ts'),
          utility: resolve(root, 'electron/utility/utility.ts'),
          server: resolve(root, 'electron/server/server.ts'),
          cli: resolve(root, 'electron/cli/cli.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'parts/[name]-[hash].js' },
      },
    },
  },
  // The two files that must be CommonJS: a sandboxed preload, and what runs before the app is ready.
  preload: {
    root,
    build: {
      outDir: resolve(root, 'out'),
      emptyOutDir: false,
      externalizeDeps: false,
      target: 'node20',
      rollupOptions: {
        external: ['electron'],
        input: { 'preload/preload': resolve(root, 'electron/preload/preload.ts'), 'main/start': resolve(root, 'electron/main/start.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'renderer'),
    plugins: [woff2Only(), react()],
    // Each shell puts a fresh nonce in place of this word in every answer.
    html: { cspNonce: '__CSP_NONCE__' },
    build: {
      outDir: resolve(root, 'out/renderer'),
      emptyOutDir: true,
      target: 'chrome130',
      // No data: in the policy for fonts.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 3000,
      rollupOptions: { input: resolve(root, 'renderer/index.html') },
    },
  },
});

/** Leaves out the fonts' older form, which doubles their size: Chromium reads woff2. */
function woff2Only(): Plugin {
  return {
    name: 'woff2-only',
    enforce: 'pre',
    transform(code, id) {
      return id.includes('@fontsource') ? code.replace(/,\s*url\([^)]+\.woff\) format\('woff'\)/g, '') : null;
    },
  };
}

/** What the program knows of itself at build time. */
function versions(): Record<string, string> {
  return { __VERSION__: JSON.stringify(process.env.npm_package_version ?? '0.1.0') };
}
