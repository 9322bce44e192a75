// The session, the frame and, in it, the page of the address.
import { Suspense } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { Spinner } from '@fluentui/react-components';
import { allows, SessionProvider, useLoadedSession } from '@api/session';
import { defineText } from '@i18n/t';
import { ErrorBar } from '@kit/page/ErrorBar';
import { PageBoundary } from '@kit/page/PageBoundary';
import { NotFound } from '@kit/page/NotFound';
import { SettingsProvider } from '@kit/shell/settings';
import { Shell } from '@kit/shell/Shell';
import { allPages } from './pages/registry';

const t = defineText('app', { loading: 'Loading', session: 'Who is signed in could not be found out' });

export function App() {
  const loaded = useLoadedSession();
  const session = loaded.data;
  if (!session) {
    return (
      <SettingsProvider>
        {loaded.error && loaded.error.status !== 401 ? <ErrorBar title={t('session')} error={loaded.error} onRetry={() => void loaded.refetch()} /> : <Spinner label={t('loading')} />}
      </SettingsProvider>
    );
  }
  const shown = allPages.filter((page) => page.needs.every((cmdlet) => allows(session, cmdlet)));
  return (
    <SessionProvider session={session}>
      <SettingsProvider zone={session.zone}>
        <Shell pages={shown}>
          <Suspense fallback={<Spinner label={t('loading')} />}>
            <Routes>
              {shown.map((page) => {
                const View = page.view;
                return <Route key={page.path} path={page.path === '' ? '/' : `/${page.path}/*`} element={<PageBoundary key={page.path}><View /></PageBoundary>} />;
              })}
              {shown[0] && shown[0].path !== '' && <Route path="/" element={<Navigate to={`/${shown[0].path}`} replace />} />}
              <Route path="*" element={<NotFound pages={shown} />} />
            </Routes>
          </Suspense>
        </Shell>
      </SettingsProvider>
    </SessionProvider>
  );
}
