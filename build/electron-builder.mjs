// What npm run dist packs, and how. Everything is bundled into out/: no node_modules is shipped.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './ready.mjs';

const electron = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'));

/** @type {import('electron-builder').Configuration} */
export const configuration = {
  appId: 'invalid.xenferry',
  productName: 'XenFerry',
  copyright: 'XenFerry developers, Apache-2.0',
  directories: { output: 'dist', buildResources: 'build' },
  files: ['package.json', 'out/**', '!out/built-from', '!out/licences'],
  extraFiles: [{ from: 'out/licences', to: 'licences' }],
  asar: true,
  npmRebuild: false,
  electronVersion: electron.version,
  electronLanguages: ['en', 'en-US', 'ja'],
  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  },
  // The AppImage of before needs libfuse2, and starts without a sandbox.
  toolsets: { appimage: '1.0.2' },
  linux: {
    target: ['deb', 'rpm', 'AppImage'],
    executableName: 'xenferry',
    category: 'System',
    synopsis: 'Several Xen servers in one window',
    maintainer: 'XenFerry developers <dev@xenferry.invalid>',
    icon: 'build/icon.png',
  },
  win: { target: ['nsis', 'zip'], icon: 'build/icon.png' },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true, installerLanguages: ['en_US', 'ja_JP'] },
  mac: { target: ['dmg', 'zip'], category: 'public.app-category.utilities', hardenedRuntime: true, icon: 'build/icon.png' },
  publish: null,
};
