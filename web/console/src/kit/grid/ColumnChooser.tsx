// Which columns a list shows.
import { memo } from 'react';
import { Button, makeStyles, Menu, MenuItemCheckbox, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { Icon } from '@kit/icons';

const t = defineText('columns', { choose: 'Choose columns' });

const useStyles = makeStyles({
  button: { flexShrink: 0, whiteSpace: 'nowrap' },
  list: { maxHeight: '60vh', overflowY: 'auto' },
});

interface Props { columns: { id: string; title: string }[]; chosen: string[]; onChoose: (ids: string[]) => void }

export const ColumnChooser = memo(function ColumnChooser({ columns, chosen, onChoose }: Props) {
  const styles = useStyles();
  return (
    <Menu checkedValues={{ columns: chosen }} onCheckedValueChange={(_, data) => data.checkedItems.length > 0 && onChoose(data.checkedItems)}>
      <MenuTrigger disableButtonEnhancement>
        <Button className={styles.button} size="small" appearance="subtle" icon={<Icon name="columns" size={18} />}>{t('choose')}</Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList className={styles.list}>
          {columns.map((c) => <MenuItemCheckbox key={c.id} name="columns" value={c.id} disabled={chosen.length === 1 && chosen[0] === c.id}>{c.title}</MenuItemCheckbox>)}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
});
