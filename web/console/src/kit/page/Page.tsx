// What every page has: its title, a sentence, a command bar with Show command at the end, and room for the rest.
import { Fragment, useEffect, type ReactNode } from 'react';
import { Breadcrumb, BreadcrumbDivider, BreadcrumbItem, makeStyles, Text, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import type { CmdletName } from '@api/client';
import { defineText } from '@i18n/t';
import { CommandBar, type Action } from './CommandBar';

const t = defineText('page', { product: 'Postroom admin center', trail: 'Where this page is' });

const useStyles = makeStyles({
  page: { display: 'flex', flexDirection: 'column', gap: '12px', minHeight: '100%', boxSizing: 'border-box', padding: '20px 32px 24px', '@media (max-width: 640px)': { padding: '14px 14px 20px' } },
  full: { height: '100%', minHeight: '420px' },
  head: { display: 'flex', flexDirection: 'column', gap: '4px' },
  title: { margin: 0, fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700, fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere', '@media (max-width: 640px)': { fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600 } },
  lead: { color: tokens.colorNeutralForeground3, maxWidth: '80ch' },
  trail: { color: tokens.colorBrandForegroundLink, textDecorationLine: 'none', ':hover': { textDecorationLine: 'underline' } },
});

/** `also`: the parameters of further calls, where one does not show all that the page does. */
export interface Command { cmdlet: CmdletName; parameters?: object; also?: object[] }
interface Props {
  title: string;
  lead?: ReactNode;
  trail?: { title: string; to: string }[];
  actions?: Action[];
  /** What Show command prints: the cmdlet this page shows, with what was chosen. */
  command?: Command;
  /** The page fills the window and its list scrolls, not the page. */
  full?: boolean;
  children?: ReactNode;
}

export function Page({ title, lead, trail = [], actions = [], command, full, children }: Props) {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} - ${t('product')}`;
  }, [title]);
  return (
    <div className={full ? `${styles.page} ${styles.full}` : styles.page}>
      <div className={styles.head}>
        {trail.length > 0 && (
          <Breadcrumb size="small" aria-label={t('trail')}>
            {trail.map((step) => (
              <Fragment key={step.to}><BreadcrumbItem><Link className={styles.trail} to={step.to}>{step.title}</Link></BreadcrumbItem><BreadcrumbDivider /></Fragment>
            ))}
            <BreadcrumbItem><span aria-current="page">{title}</span></BreadcrumbItem>
          </Breadcrumb>
        )}
        <h1 className={styles.title}>{title}</h1>
        {lead && <Text className={styles.lead}>{lead}</Text>}
      </div>
      {(actions.length > 0 || command) && <CommandBar actions={actions} command={command} />}
      {children}
    </div>
  );
}
