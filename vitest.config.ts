import { availableParallelism } from 'node:os';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** In CI a test of whole programs gets a second try: a machine of two cores that emulates two more can stall one for seconds. The report says so. */
const slow = process.env.CI ? 1 : 0;

export default defineConfig({
  plugins: [react()],
  test: {
    // most of them wait: for real programs, or for simulated time (on two cores the unit tests take half as long as by one worker)
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          // Some run real programs (ssh-keygen, dash, busybox), on machines that do much else.
          testTimeout: 30_000,
          include: ['electron/**/*.test.ts', 'build/**/*.test.ts', 'tests/*.test.ts', 'renderer/src/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'page',
          environment: 'jsdom',
          include: ['renderer/src/**/*.test.tsx'],
          setupFiles: ['tests/jsdom-setup.ts'],
          testTimeout: 30_000,
          // these work all the time, and look for a second at most: one by one, after the others
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          environment: 'node',
          retry: slow,
          include: ['tests/contract/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          retry: slow,
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          environment: 'node',
          retry: slow,
          include: ['tests/lab/**/*.test.ts'],
          // `npm run test:lab -- --set long` runs these too.
          exclude: process.env.LAB_SET === 'long' ? [] : ['tests/lab/**/*.long.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
