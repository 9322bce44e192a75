// Copies a line as it is, where what is shown names the characters that nobody can see.
import { useState } from 'react';
import { Button } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { Icon } from '@kit/icons';

const t = defineText('copy', { copy: 'Copy', copied: 'Copied' });

export function Copy({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState('');
  const copy = () => void navigator.clipboard?.writeText(text).then(() => setCopied(text));
  const done = copied === text;
  return (
    <Button type="button" size="small" appearance="subtle" icon={<Icon name={done ? 'check' : 'copy'} size={16} />} onClick={copy} aria-label={`${done ? t('copied') : t('copy')}: ${label}`}>
      {done ? t('copied') : t('copy')}
    </Button>
  );
}
