// Fields of a form, tied to their errors by react-hook-form. A field is named as the parameter it gives.
import { createContext, use, type ReactNode } from 'react';
import { Checkbox, Field, Input, makeStyles, Radio, RadioGroup, Select, Switch, Text, Textarea, tokens, type InputProps } from '@fluentui/react-components';
import { useController, type Control, type FieldPath, type FieldValues } from 'react-hook-form';
import { DirectoryPicker, type Kind } from '@kit/people/DirectoryPicker';
import { visible } from '@kit/safe/visible';
import { Told } from './Told';

/** Forms of somebody who may only look say what the fields hold, and have none. */
export const ReadOnly = createContext(false);

interface Common<V extends FieldValues> { control: Control<V>; name: FieldPath<V>; label: string; hint?: string; required?: boolean }

function useField<V extends FieldValues>({ control, name }: Common<V>) {
  const { field, fieldState } = useController({ control, name });
  return { field, readOnly: use(ReadOnly), message: fieldState.error?.message };
}

export function TextField<V extends FieldValues>(props: Common<V> & Pick<InputProps, 'type' | 'contentAfter' | 'placeholder' | 'autoComplete'> & { long?: boolean }) {
  const { field, readOnly, message } = useField(props);
  if (readOnly) return <Told label={props.label} value={typeof field.value === 'number' ? String(field.value) : field.value} />;
  return (
    <Field label={props.label} hint={props.hint} required={props.required} validationMessage={message}>
      {props.long
        ? <Textarea {...field} value={field.value ?? ''} resize="vertical" />
        : <Input {...field} value={field.value ?? ''} type={props.type} contentAfter={props.contentAfter} placeholder={props.placeholder} autoComplete={props.autoComplete ?? 'off'} />}
    </Field>
  );
}

export function SwitchField<V extends FieldValues>(props: Common<V>) {
  const { field, readOnly, message } = useField(props);
  if (readOnly) return <Told label={props.label} value={Boolean(field.value)} />;
  return (
    <Field hint={props.hint} validationMessage={message}>
      <Switch label={props.label} checked={Boolean(field.value)} onChange={(_, data) => field.onChange(data.checked)} onBlur={field.onBlur} />
    </Field>
  );
}

export interface Choice { value: string; label: string; hint?: string }

export function ChoiceField<V extends FieldValues>(props: Common<V> & { choices: Choice[] }) {
  const { field, readOnly, message } = useField(props);
  if (readOnly) return <Told label={props.label} value={props.choices.find((choice) => choice.value === String(field.value))?.label ?? String(field.value)} />;
  return (
    <Field label={props.label} hint={props.hint} required={props.required} validationMessage={message}>
      <RadioGroup value={String(field.value)} onChange={(_, data) => field.onChange(data.value)}>
        {props.choices.map((choice) => <Radio key={choice.value} value={choice.value} label={<>{visible(choice.label)}{choice.hint && <><br /><Text size={200}>{choice.hint}</Text></>}</>} />)}
      </RadioGroup>
    </Field>
  );
}

export function SelectField<V extends FieldValues>(props: Common<V> & { choices: Choice[] }) {
  const { field, readOnly, message } = useField(props);
  if (readOnly) return <Told label={props.label} value={props.choices.find((choice) => choice.value === String(field.value))?.label ?? String(field.value)} />;
  return (
    <Field label={props.label} hint={props.hint} required={props.required} validationMessage={message}>
      <Select value={String(field.value)} onChange={(_, data) => field.onChange(data.value)} onBlur={field.onBlur}>
        {props.choices.map((choice) => <option key={choice.value} value={choice.value}>{visible(choice.label)}</option>)}
      </Select>
    </Field>
  );
}

export function PeopleField<V extends FieldValues>(props: Common<V> & { kinds?: Kind[]; single?: boolean }) {
  const { field, readOnly, message } = useField(props);
  if (readOnly) return <Told label={props.label} value={field.value} />;
  return <DirectoryPicker label={props.label} hint={props.hint} required={props.required} error={message} kinds={props.kinds} single={props.single} value={field.value ?? []} onChange={field.onChange} />;
}

export function ChecksField<V extends FieldValues>(props: Common<V> & { choices: Choice[] }) {
  const { field, readOnly, message } = useField(props);
  const chosen: string[] = field.value ?? [];
  const styles = useStyles();
  if (readOnly) return <Told label={props.label} value={props.choices.filter((choice) => chosen.includes(choice.value)).map((choice) => choice.label)} />;
  return (
    <Field label={props.label} hint={props.hint} required={props.required} validationMessage={message}>
      <div role="group" aria-label={props.label} className={styles.checks}>
        {props.choices.map((choice) => (
          <Checkbox
            key={choice.value} aria-label={visible(choice.label)} checked={chosen.includes(choice.value)} label={<>{visible(choice.label)}{choice.hint && <><br /><Text size={200} className={styles.hint}>{choice.hint}</Text></>}</>}
            onChange={(_, data) => field.onChange(props.choices.map((c) => c.value).filter((value) => (value === choice.value ? data.checked === true : chosen.includes(value))))}
          />
        ))}
      </div>
    </Field>
  );
}

const useStyles = makeStyles({
  checks: { display: 'flex', flexDirection: 'column' },
  hint: { color: tokens.colorNeutralForeground3 },
  section: { display: 'flex', flexDirection: 'column', gap: '14px', border: 'none', margin: 0, padding: 0, minWidth: 0 },
  legend: { padding: 0, marginBottom: '10px', fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400 },
  lead: { color: tokens.colorNeutralForeground3 },
  pair: { display: 'grid', gap: '14px', gridTemplateColumns: 'repeat(auto-fit, minmax(min(220px, 100%), 1fr))', alignItems: 'start' },
});

/** Fields that belong together, under a title. */
export function Section({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <fieldset className={styles.section}>
      <legend className={styles.legend}>{title}</legend>
      {lead && <Text className={styles.lead}>{lead}</Text>}
      {children}
    </fieldset>
  );
}

/** Short fields side by side where there is room. */
export const Pair = ({ children }: { children: ReactNode }) => <div className={useStyles().pair}>{children}</div>;
