// Mail flow › Message trace: where a search starts, and what it finds.
import { lazy, Suspense } from 'react';
import { Spinner } from '@fluentui/react-components';
import { Route, Routes } from 'react-router';
import { Landing } from './Landing';

const Results = lazy(() => import('./Results'));

export default function MessageTrace() {
  return (
    <Suspense fallback={<Spinner />}>
      <Routes>
        <Route index element={<Landing />} />
        <Route path="results" element={<Results />} />
      </Routes>
    </Suspense>
  );
}
