// The commands of a page in one row; those that find no room go into a menu at its end.
import { memo, Suspense, useLayoutEffect, useRef, useState } from 'react';
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

const SEEN = ['id', 'label', 'icon', 'disabled', 'primary', 'pressed'] as const satisfies (keyof Action)[];
const looksSame = (a: readonly Action[], b: readonly Action[]) => a.length === b.length && a.every((one, i) => SEEN.every((key) => one[key] === b[i]?.[key]));

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

interface BarProps { actions: Action[]; label: string }

/** Drawn again only when it looks otherwise: it measures each of its buttons, and the page around it changes with every row. */
const Bar = memo(function Bar({ actions, label }: BarProps) {
  const styles = useStyles();
  return (
    <Overflow padding={8}>
      <Toolbar className={styles.bar} aria-label={label}>
        {actions.map((action) => (
          <OverflowItem key={action.id} id={action.id} priority={action.primary || action.id === SHOW ? 2 : 1}>
            <ToolbarButton
              className={styles.item} appearance={action.primary ? 'primary' : 'subtle'} icon={<Icon name={action.icon} />} disabledFocusable={action.disabled}
              aria-pressed={action.pressed} onClick={action.run}
            >
              {action.label}
            </ToolbarButton>
          </OverflowItem>
        ))}
        <MoreMenu actions={actions} />
      </Toolbar>
    </Overflow>
  );
}, (a, b) => a.label === b.label && looksSame(a.actions, b.actions));

export function CommandBar({ actions, command, label }: { actions: Action[]; command?: Command; label?: string }) {
  const can = useCan();
  const [shown, setShown] = useState(false);
  const all = actions.filter((a) => !a.needs || can(a.needs));
  // Stays in sight where others go into the menu: people look for it on every page.
  if (command) all.push({ id: SHOW, label: t('show'), icon: 'command', run: () => void ShowCommand.fetch().catch(() => undefined).finally(() => setShown(true)) });
  // What a button does is asked for when it is pressed: the bar may have been drawn before.
  const latest = useRef(all);
  useLayoutEffect(() => {
    latest.current = all;
  });
  return (
    <>
      <Bar actions={all.map((action) => ({ ...action, run: () => latest.current.find((one) => one.id === action.id)?.run() }))} label={label ?? t('bar')} />
      {command && <Suspense fallback={null}>{shown && <ShowCommand command={command} onClose={() => setShown(false)} />}</Suspense>}
      {all.length === 0 && <Divider />}
    </>
  );
}
