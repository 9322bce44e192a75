// Copies a text, and says so.
import { useState } from 'react';
import { Button } from '@fluentui/react-components';
import { Icon } from '@kit/icons';
import { t } from './text';

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(text).then(() => setDone(true));
  return <Button size="small" icon={<Icon name={done ? 'check' : 'copy'} size={16} />} onClick={copy}>{done ? t('copied') : label}</Button>;
}
