// A link to a queue that is no more says so.
import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { visible } from '@kit/safe/visible';
import { t } from './text';

export function QueueGone({ identity, onClose }: { identity: string; onClose: () => void }) {
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody><MessageBarTitle>{t('goneTitle', { identity: visible(identity) })}</MessageBarTitle>{t('goneText')}</MessageBarBody>
      <MessageBarActions><Button onClick={onClose}>{t('goneClose')}</Button></MessageBarActions>
    </MessageBar>
  );
}
