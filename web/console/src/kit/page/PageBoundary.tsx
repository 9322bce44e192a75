// Keeps a page's failure from taking the frame with it.
import { Component, type ReactNode } from 'react';
import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { defineText } from '@i18n/t';

const t = defineText('boundary', {
  title: 'This page could not be shown.',
  advice: 'Load it again; if the server was updated meanwhile, that fetches the new console.',
  reload: 'Load again',
});

export class PageBoundary extends Component<{ children: ReactNode }, { message: string | null }> {
  state = { message: null };

  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  render() {
    if (this.state.message === null) return this.props.children;
    return (
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody><MessageBarTitle>{t('title')}</MessageBarTitle>{this.state.message}. {t('advice')}</MessageBarBody>
        <MessageBarActions><Button onClick={() => location.reload()}>{t('reload')}</Button></MessageBarActions>
      </MessageBar>
    );
  }
}
