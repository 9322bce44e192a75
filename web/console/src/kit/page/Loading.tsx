// Something is being read; said aloud as well.
import { Spinner } from '@fluentui/react-components';
import { defineText } from '@i18n/t';

const t = defineText('loading', { reading: 'Reading' });

export const Loading = () => <Spinner size="tiny" aria-label={t('reading')} />;
