// Details beside a list, with tabs. Stays mounted so that focus goes back to where it came from; what is open stands in the address.
import { useEffect, useRef, type ReactNode } from 'react';
import { Button, Drawer, DrawerBody, DrawerFooter, DrawerHeader, DrawerHeaderTitle, makeStyles, Tab, TabList, Text, tokens } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { Icon } from '@kit/icons';
import { visible } from '@kit/safe/visible';
import { useLeave } from './unsaved';

const t = defineText('drawer', { close: 'Close', previous: 'Previous', next: 'Next', tabs: 'Parts of the details' });

export interface DrawerTab { id: string; title: string; content: ReactNode }
interface Props {
  open: boolean;
  title: ReactNode;
  /** The title in words, for the tab of the browser and a screen reader. */
  name: string;
  subtitle?: ReactNode;
  onClose: () => void;
  onPrevious?: () => void;
  onNext?: () => void;
  /** Shown above the tabs on each of them. */
  top?: ReactNode;
  tabs?: DrawerTab[];
  tab?: string | null;
  onTab?: (tab: string) => void;
  footer?: ReactNode;
  /** A form that the drawer is made for was changed; forms inside say so themselves. */
  unsaved?: boolean;
  width?: string;
  children?: ReactNode;
}

const useStyles = makeStyles({
  drawer: { maxWidth: '100vw', boxSizing: 'border-box' },
  header: { paddingBottom: '4px', width: '100%', boxSizing: 'border-box' },
  title: { overflowWrap: 'anywhere' },
  subtitle: { color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere', display: 'block', fontWeight: tokens.fontWeightRegular },
  tabs: { width: '100%', boxSizing: 'border-box', paddingInline: '12px', borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, overflowX: 'auto', flexShrink: 0, scrollbarWidth: 'thin' },
  top: { padding: '4px 24px 12px', flexShrink: 0, width: '100%', boxSizing: 'border-box' },
  body: { paddingTop: '16px', paddingBottom: '24px', display: 'flex', flexDirection: 'column', gap: '16px', width: '100%', boxSizing: 'border-box', '& > *': { flexShrink: 0 } },
  footer: { width: '100%', boxSizing: 'border-box', borderTop: `1px solid ${tokens.colorNeutralStroke2}`, flexWrap: 'wrap' },
});

export function DetailsDrawer(props: Props) {
  const styles = useStyles();
  const before = useRef<HTMLElement | null>(null);
  const { open } = props;
  const wasOpen = useRef(false);
  // Taken while rendering: by the time effects run, the focus is inside.
  if (open && !wasOpen.current) before.current = document.activeElement as HTMLElement | null;
  wasOpen.current = open;
  useEffect(() => {
    if (!open) return undefined;
    return () => {
      const back = before.current;
      // After the trap around the drawer is gone.
      setTimeout(() => {
        if (document.activeElement === document.body || document.activeElement === null) (back?.isConnected ? back : document.getElementById('main'))?.focus();
      }, 0);
    };
  }, [open]);
  const { leave, around, question } = useLeave(props.unsaved ?? false, open, props.onClose);
  const close = () => leave(props.onClose);
  const step = (go: (() => void) | undefined) => go && (() => leave(go));
  const [onPrevious, onNext] = [step(props.onPrevious), step(props.onNext)];
  const chosen = props.tabs?.find((tab) => tab.id === props.tab) ?? props.tabs?.[0];
  return (
    <Drawer type="overlay" position="end" modalType="modal" open={open} onOpenChange={(_, data) => !data.open && close()} className={styles.drawer} style={{ width: props.width ?? 'min(720px, 100vw)' }} aria-label={visible(props.name)}>
      <DrawerHeader className={styles.header}>
        <DrawerHeaderTitle
          heading={{ className: styles.title }}
          action={
            <div style={{ display: 'flex' }}>
              {onPrevious && <Button appearance="subtle" icon={<Icon name="up" />} aria-label={t('previous')} title={t('previous')} onClick={onPrevious} />}
              {onNext && <Button appearance="subtle" icon={<Icon name="down" />} aria-label={t('next')} title={t('next')} onClick={onNext} />}
              <Button appearance="subtle" icon={<Icon name="close" />} aria-label={t('close')} onClick={close} />
            </div>
          }
        >
          {props.title}
          {props.subtitle && <Text className={styles.subtitle}>{props.subtitle}</Text>}
        </DrawerHeaderTitle>
      </DrawerHeader>
      {props.top && <div className={styles.top}>{props.top}</div>}
      {props.tabs && props.tabs.length > 1 && (
        <TabList className={styles.tabs} selectedValue={chosen?.id} onTabSelect={(_, data) => data.value !== chosen?.id && leave(() => props.onTab?.(String(data.value)))} aria-label={t('tabs')}>
          {props.tabs.map((tab) => <Tab key={tab.id} value={tab.id}>{tab.title}</Tab>)}
        </TabList>
      )}
      <DrawerBody className={styles.body} tabIndex={0}>{around(chosen?.content ?? props.children)}</DrawerBody>
      {props.footer && <DrawerFooter className={styles.footer}>{around(props.footer, close)}</DrawerFooter>}
      {question}
    </Drawer>
  );
}
