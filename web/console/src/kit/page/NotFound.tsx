// An address without a page, or with one this person may not see.
import { Text } from '@fluentui/react-components';
import { Link } from 'react-router';
import { defineText } from '@i18n/t';
import type { PageInfo } from '../../pages/registry';
import { Page } from './Page';

const t = defineText('not-found', {
  title: 'Nothing here for you',
  why: 'There is no page at this address, or your roles do not show it. These are yours:',
});

export function NotFound({ pages }: { pages: PageInfo[] }) {
  return (
    <Page title={t('title')}>
      <Text>{t('why')}</Text>
      <ul>{pages.map((page) => <li key={page.path}><Link to={`/${page.path}`}>{page.title()}</Link></li>)}</ul>
    </Page>
  );
}
