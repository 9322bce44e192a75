// The tests in a browser: one after another, against one server each file starts for itself. Each wait has its own bound; the bound of a
// whole test only ends what hangs.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: process.env.POSTROOM_MEASURE ? ['e2e/measure.ts'] : ['e2e/**/*.e2e.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // As long as a wait in the browser; the default of a second is for what has no server in it.
    expect: { poll: { timeout: 30_000, interval: 50 } },
  },
});
