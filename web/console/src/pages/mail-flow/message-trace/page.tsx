// Mail flow › Message trace: where a search starts, and what it finds.
import { Suspense } from 'react';
import { Route, Routes } from 'react-router';
import { late, useSoon } from '@kit/page/late';
import { Loading } from '@kit/page/Loading';
import { Landing } from './Landing';

const Results = late(() => import('./Results'));
/** Opened by the address of its results: nothing else is shown first. */
export const ahead = async () => location.pathname.endsWith('/results') && Results.fetch();

export default function MessageTrace() {
  useSoon(Results);
  return (
    <Suspense fallback={<Loading />}>
      <Routes>
        <Route index element={<Landing />} />
        <Route path="results" element={<Results />} />
      </Routes>
    </Suspense>
  );
}
