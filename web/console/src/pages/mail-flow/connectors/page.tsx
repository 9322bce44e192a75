// Mail flow › Connectors: the ways out and the ways in.
import { Tab, TabList } from '@fluentui/react-components';
import { useSearchParams } from 'react-router';
import { ReceiveConnectors } from './ReceiveConnectors';
import { SendConnectors } from './SendConnectors';
import { t } from './text';

export default function Connectors() {
  const [search, setSearch] = useSearchParams();
  const kind = search.get('kind') === 'receive' ? 'receive' : 'send';
  const tabs = (
    <TabList selectedValue={kind} onTabSelect={(_, data) => setSearch(data.value === 'receive' ? { kind: 'receive' } : {})} aria-label={t('kinds')}>
      <Tab value="send">{t('send')}</Tab>
      <Tab value="receive">{t('receive')}</Tab>
    </TabList>
  );
  return kind === 'receive' ? <ReceiveConnectors tabs={tabs} /> : <SendConnectors tabs={tabs} />;
}
