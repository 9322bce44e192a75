// A flat form of conditions above a list: those used most in sight, the others folded away, all of them in the address.
import { useMemo, useState } from 'react';
import { Button, Dropdown, Field, Input, makeStyles, mergeClasses, Option, Select, tokens } from '@fluentui/react-components';
import { useController, useForm, type Control } from 'react-hook-form';
import { defineText } from '@i18n/t';
import { resolve } from '@kit/forms/resolver';
import { Icon } from '@kit/icons';
import { visible } from '@kit/safe/visible';
import { useZone } from '@kit/shell/settings';
import { zoneName } from '@kit/time/zone';
import { fromForm, schemaOf, toForm, type Conditions, type SearchField, type SearchValues } from './fields';

const t = defineText('search-panel', { search: 'Search', clear: 'Clear', more: 'More conditions', fewer: 'Fewer conditions', any: 'Any', inZone: '{label}, {zone}', chosen: { one: '{n} chosen', other: '{n} chosen' }, busy: 'Searching' });

const useStyles = makeStyles({
  panel: { display: 'flex', flexDirection: 'column', gap: '12px', padding: '14px 16px', border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge, backgroundColor: tokens.colorNeutralBackground2, flexShrink: 0 },
  grid: { display: 'grid', gap: '10px 14px', gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 166px), 1fr))', alignItems: 'start' },
  all: { maxHeight: '46vh', overflowY: 'auto', paddingBottom: '4px', scrollbarWidth: 'thin' },
  foot: { display: 'flex', gap: '8px', flexWrap: 'wrap', alignItems: 'center' },
  wide: { minWidth: 0, width: '100%', '& select': { minWidth: 0, width: '100%' } },
});

interface Props { label: string; fields: SearchField[]; conditions: Conditions; busy?: boolean; onSearch: (conditions: Conditions) => void }

/** Begins anew when the address or the zone brings other conditions. */
export function SearchPanel(props: Props) {
  const zone = useZone();
  const [all, setAll] = useState(() => props.fields.some((field) => field.more && props.conditions[field.name] !== undefined));
  return <Panel key={`${zone} ${JSON.stringify(props.conditions)}`} {...props} zone={zone} all={all} onAll={setAll} />;
}

function Panel({ label, fields, conditions, busy, onSearch, zone, all, onAll }: Props & { zone: string; all: boolean; onAll: (all: boolean) => void }) {
  const styles = useStyles();
  const resolver = useMemo(() => resolve<SearchValues>(schemaOf(fields) as never), [fields]);
  const { control, handleSubmit, reset } = useForm<SearchValues>({ defaultValues: toForm(fields, conditions, zone), resolver });
  const submit = handleSubmit((values) => onSearch(fromForm(fields, values, zone)));
  const clear = () => {
    reset(toForm(fields, {}, zone));
    onSearch({});
  };
  return (
    <form className={styles.panel} role="search" aria-label={label} noValidate onSubmit={(event) => void submit(event)}>
      <div className={mergeClasses(styles.grid, all && styles.all)}>
        {fields.filter((field) => all || !field.more).map((field) => <Condition key={field.name} field={field} control={control} zone={zone} />)}
      </div>
      <div className={styles.foot}>
        <Button type="submit" appearance="primary" icon={<Icon name="search" size={16} />}>{busy ? t('busy') : t('search')}</Button>
        <Button type="button" onClick={clear}>{t('clear')}</Button>
        {fields.some((field) => field.more) && <Button type="button" appearance="subtle" aria-expanded={all} icon={<Icon name={all ? 'up' : 'down'} size={16} />} onClick={() => onAll(!all)}>{all ? t('fewer') : t('more')}</Button>}
      </div>
    </form>
  );
}

function Condition({ field, control, zone }: { field: SearchField; control: Control<SearchValues>; zone: string }) {
  const styles = useStyles();
  const { field: bound, fieldState } = useController({ control, name: field.name });
  const value = bound.value ?? '';
  const several = Array.isArray(value) ? value : [];
  const name = field.kind === 'time' ? t('inZone', { label: field.label, zone: zoneName(zone) }) : field.label;
  const choices = field.choices ?? [];
  return (
    <Field label={name} hint={field.hint} validationMessage={fieldState.error?.message} size="small">
      {field.kind === 'choices' ? (
        <Dropdown multiselect size="small" className={styles.wide} placeholder={t('any')} selectedOptions={several} value={several.length > 2 ? t('chosen', { n: several.length }) : visible(several.join(', '))} onOptionSelect={(_, data) => bound.onChange(data.selectedOptions)} onBlur={bound.onBlur}>
          {choices.map((choice) => <Option key={choice.value} value={choice.value} text={visible(choice.label)}>{visible(choice.label)}</Option>)}
        </Dropdown>
      ) : field.kind === 'choice' ? (
        <Select size="small" className={styles.wide} value={String(value)} onChange={(_, data) => bound.onChange(data.value)} onBlur={bound.onBlur}>
          <option value="">{t('any')}</option>
          {choices.map((choice) => <option key={choice.value} value={choice.value}>{visible(choice.label)}</option>)}
        </Select>
      ) : (
        <Input size="small" ref={bound.ref} name={bound.name} value={String(value)} onChange={bound.onChange} onBlur={bound.onBlur} type={field.kind === 'time' ? 'datetime-local' : 'text'} inputMode={field.kind === 'number' ? 'numeric' : undefined} autoComplete="off" className={styles.wide} />
      )}
    </Field>
  );
}
