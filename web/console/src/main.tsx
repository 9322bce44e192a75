// Starts the console: locale, data, session, pages.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { BrowserRouter } from 'react-router';
import { ApiError } from '@api/client';
import { chosenLocale, direction, setLocale, type Words } from '@i18n/t';
import { Leaving } from '@kit/drawer/leaving';
import { fetchAhead } from './ahead';
import { App } from './app';

const locales = import.meta.glob<Record<string, Words>>('./i18n/locales/*.json', { import: 'default' });
const RETRIES = 2;

async function start() {
  const locale = chosenLocale();
  const load = locales[`./i18n/locales/${locale}.json`];
  setLocale(locale, load ? await load() : {});
  document.documentElement.lang = locale;
  document.documentElement.dir = direction();
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: true,
        // What the server decided stays decided; only what did not get through is tried again.
        retry: (failed, error) => failed < RETRIES && error instanceof ApiError && (error.status === 0 || error.status >= 502),
      },
    },
  });
  await fetchAhead(queries);
  const root = document.getElementById('root');
  if (!root) throw new Error('index.html has no #root');
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <BrowserRouter basename="/admin">
          <Leaving><App /></Leaving>
        </BrowserRouter>
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();
