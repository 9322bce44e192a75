// Mail flow › Accepted domains, and remote ones in a second tab.
import { Tab, TabList } from '@fluentui/react-components';
import { useSearchParams } from 'react-router';
import { useCan } from '@api/session';
import { AcceptedDomains } from './AcceptedDomains';
import { RemoteDomains } from './RemoteDomains';
import { t } from './text';

export default function Domains() {
  const [search, setSearch] = useSearchParams();
  const can = useCan();
  const remote = search.get('kind') === 'remote' && can('Get-RemoteDomain');
  const tabs = (
    <TabList selectedValue={remote ? 'remote' : 'accepted'} onTabSelect={(_, data) => setSearch(data.value === 'remote' ? { kind: 'remote' } : {})} aria-label={t('kinds')}>
      <Tab value="accepted">{t('accepted')}</Tab>
      {can('Get-RemoteDomain') && <Tab value="remote">{t('remote')}</Tab>}
    </TabList>
  );
  return remote ? <RemoteDomains tabs={tabs} /> : <AcceptedDomains tabs={tabs} />;
}
