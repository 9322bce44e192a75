// How the console is built, served for development and tested.
//
// `npm run dev` shows it beside a running server: POSTROOM_URL (http://127.0.0.1:8025 unless said otherwise) is asked for
// /api and /sign-in; POSTROOM_USER and POSTROOM_PASSWORD, if given, sign every request in. Only the development server
// knows them; nothing of it gets into dist.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { chunkGroups, fetchedAhead } from './scripts/chunks';

const server = process.env.POSTROOM_URL ?? 'http://127.0.0.1:8025';
const user = process.env.POSTROOM_USER;
const authorization = user
  ? { authorization: `Basic ${Buffer.from(`${user}:${process.env.POSTROOM_PASSWORD ?? ''}`).toString('base64')}` }
  : undefined;
const proxied = { target: server, changeOrigin: false, secure: false, headers: authorization };
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: '/admin/',
  plugins: [react(), fetchedAhead()],
  resolve: { alias: { '@kit': folder('src/kit'), '@api': folder('src/api'), '@i18n': folder('src/i18n') } },
  server: { proxy: { '/api': proxied, '/sign-in': proxied, '/sign-out': proxied } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    sourcemap: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
    rolldownOptions: { output: { advancedChunks: { groups: chunkGroups } } },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], pool: 'threads' },
});
