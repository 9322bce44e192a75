// Mail flow › Map: from whom, over which connectors, to where, as a picture and as a table.
import { useMemo } from 'react';
import { Field, makeStyles, MessageBar, MessageBarBody, Select, Text } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { Figure } from '@kit/charts/Figure';
import { useUrl } from '@kit/grid/useUrl';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Loading } from '@kit/page/Loading';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { serverOf } from './links';
import { Picture } from './Picture';
import { layout, type Way } from './shapes';
import { t } from './text';

const HOUR = 3_600_000;
const SPANS = { h1: HOUR, h24: 24 * HOUR, d7: 7 * 24 * HOUR } as const;
type Span = keyof typeof SPANS;
const REFRESH_SECONDS = 60;
const MINUTE = 60_000;

const useStyles = makeStyles({ tools: { display: 'flex', gap: '16px', alignItems: 'end', flexWrap: 'wrap' } });

export default function MailFlowMap() {
  const styles = useStyles();
  const zone = useZone();
  const [asked, setAsked] = useUrl('last');
  const last: Span = asked && asked in SPANS ? (asked as Span) : 'h24';
  // To the minute, so that the same question is asked until there is another.
  const start = new Date(Math.floor((Date.now() - SPANS[last]) / MINUTE) * MINUTE).toISOString();
  const parameters = { StartDate: start };
  const answer = useCmdlet<'Get-MailFlowMap', Way>('Get-MailFlowMap', parameters, { refreshSeconds: REFRESH_SECONDS });
  const ways = useMemo(() => answer.data?.rows ?? [], [answer.data]);
  const map = useMemo(() => layout(ways), [ways]);
  const came = ways.filter((way) => way.ToKind === 'Server').reduce((sum, way) => sum + way.Messages, 0);
  return (
    <Page title={t('title')} lead={t('lead')} command={{ cmdlet: 'Get-MailFlowMap', parameters }} actions={[{ id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() }]}>
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      <div className={styles.tools}>
        <Field label={t('span')} size="small">
          <Select size="small" value={last} onChange={(_, data) => setAsked(data.value === 'h24' ? null : data.value)}>{(Object.keys(SPANS) as Span[]).map((one) => <option key={one} value={one}>{t(one)}</option>)}</Select>
        </Field>
        <RefreshNote at={answer.dataUpdatedAt} />
      </div>
      {answer.data?.warnings.map((warning) => <MessageBar key={warning} intent="warning"><MessageBarBody>{warning}</MessageBarBody></MessageBar>)}
      {answer.isPending ? !answer.error && <Loading /> : ways.length === 0 ? <Text>{t('none')}</Text> : (
        <Figure
          title={t('picture', { n: came })} lead={map.left > 0 ? t('more', { n: map.left }) : undefined}
          table={{ heads: [t('from'), t('to'), t('messages'), t('recipients'), t('failedCount'), t('deferred'), t('last', { zone: zoneName(zone) })], rows: ways.map((way) => [way.From, way.To, way.Messages, way.Recipients, way.Failed, way.Deferred, showTime(way.LastEvent, zone)]) }}
        >
          <Picture map={map} span={{ start, server: serverOf(ways) }} />
        </Figure>
      )}
    </Page>
  );
}
