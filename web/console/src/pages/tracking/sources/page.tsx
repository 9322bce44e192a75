// Tracking › Sources: what is followed of other systems, and in a second tab what was imported once.
import { Tab, TabList } from '@fluentui/react-components';
import { useSearchParams } from 'react-router';
import { useCan } from '@api/session';
import { Followed } from './Followed';
import { Imports } from './Imports';
import { t } from './text';

export default function Sources() {
  const [search, setSearch] = useSearchParams();
  const can = useCan();
  const imports = search.get('kind') === 'imports' && can('Get-MessageTraceImport');
  const tabs = can('Get-MessageTraceImport') && (
    <TabList selectedValue={imports ? 'imports' : 'followed'} onTabSelect={(_, data) => setSearch(data.value === 'imports' ? { kind: 'imports' } : {})} aria-label={t('kinds')}>
      <Tab value="followed">{t('followed')}</Tab>
      <Tab value="imports">{t('imports')}</Tab>
    </TabList>
  );
  return imports ? <Imports tabs={tabs} /> : <Followed tabs={tabs} />;
}
