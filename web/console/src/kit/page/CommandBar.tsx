// The commands of a page in one row; those that find no room go into a menu at its end.
import { Suspense, useState } from 'react';
import {
  Button, Divider, makeStyles, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger, Overflow, OverflowItem, tokens, Toolbar, ToolbarButton,
  useIsOverflowItemVisible, useOverflowMenu,
} from '@fluentui/react-components';
import type { CmdletName } from '@api/client';
import { useCan } from '@api/session';
import { defineText } from '@i18n/t';
import { Icon, type IconName } from '@kit/icons';
import { late } from './late';
import type { Command } from './Page';

const ShowCommand = late(() => import('@kit/command/ShowCommand'));
const t = defineText('command-bar', { bar: 'Commands', more: 'More commands', show: 'Show command' });

const SHOW = 'show-command';

export interface Action {
  id: string;
  label: string;
  icon: IconName;
  run: () => void;
  /** Shown to who may run it; always if not given. */
  needs?: CmdletName;
  disabled?: boolean;
  primary?: boolean;
  pressed?: boolean;
}

const useStyles = makeStyles({
  bar: { display: 'flex', alignItems: 'center', minWidth: 0, overflow: 'hidden', padding: '2px', marginInlineStart: '-6px', gap: '2px', borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, flexShrink: 0 },
  item: { flexShrink: 0, whiteSpace: 'nowrap', minWidth: 'auto', paddingInline: '8px' },
});

function OverflowAction({ action }: { action: Action }) {
  const visible = useIsOverflowItemVisible(action.id);
  return visible ? null : <MenuItem icon={<Icon name={action.icon} />} disabled={action.disabled} onClick={action.run}>{action.label}</MenuItem>;
}

function MoreMenu({ actions }: { actions: Action[] }) {
  const { ref, isOverflowing, overflowCount } = useOverflowMenu<HTMLButtonElement>();
  if (!isOverflowing) return null;
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button ref={ref} appearance="subtle" icon={<Icon name="more" />} aria-label={`${t('more')} (${overflowCount})`} />
      </MenuTrigger>
      <MenuPopover><MenuList>{actions.map((action) => <OverflowAction key={action.id} action={action} />)}</MenuList></MenuPopover>
    </Menu>
  );
}

export function CommandBar({ actions, command, label }: { actions: Action[]; command?: Command; label?: string }) {
  const styles = useStyles();
  const can = useCan();
  const [shown, setShown] = useState(false);
  const all = actions.filter((a) => !a.needs || can(a.needs));
  // Stays in sight where others go into the menu: people look for it on every page.
  if (command) all.push({ id: SHOW, label: t('show'), icon: 'command', run: () => void ShowCommand.fetch().catch(() => undefined).finally(() => setShown(true)) });
  return (
    <>
      <Overflow padding={8}>
        <Toolbar className={styles.bar} aria-label={label ?? t('bar')}>
          {all.map((action) => (
            <OverflowItem key={action.id} id={action.id} priority={action.primary || action.id === SHOW ? 2 : 1}>
              <ToolbarButton
                className={styles.item} appearance={action.primary ? 'primary' : 'subtle'} icon={<Icon name={action.icon} />} disabledFocusable={action.disabled}
                aria-pressed={action.pressed} onClick={action.run}
              >
                {action.label}
              </ToolbarButton>
            </OverflowItem>
          ))}
          <MoreMenu actions={all} />
        </Toolbar>
      </Overflow>
      {command && <Suspense fallback={null}>{shown && <ShowCommand command={command} onClose={() => setShown(false)} />}</Suspense>}
      {all.length === 0 && <Divider />}
    </>
  );
}
