// Forms beside a list say what would be lost; whoever leaves them by Escape, the close button, a click outside or another tab is asked first.
import { createContext, use, useEffect, useRef, useState, type ReactNode } from 'react';
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, makeStyles } from '@fluentui/react-components';
import { useLocation } from 'react-router';
import { defineText } from '@i18n/t';
import { useGuard } from './leaving';

const t = defineText('unsaved', { title: 'Discard your changes?', text: 'What you changed here is lost.', stay: 'Keep editing', leave: 'Discard changes' });

const useStyles = makeStyles({ word: { whiteSpace: 'nowrap' } });

/** The parts of one drawer that hold something unsaved. */
const Unsaved = createContext<Set<object> | null>(null);

/** How the drawer around is closed. */
const Closing = createContext<() => void>(() => undefined);

/** A button of the drawer's foot that closes it, and asks first as the one above does. */
export function CloseButton({ children }: { children: ReactNode }) {
  return <Button onClick={use(Closing)}>{children}</Button>;
}

/** For a form or a field that keeps what was given until it is sent. */
export function useUnsaved(dirty: boolean) {
  const parts = use(Unsaved);
  useEffect(() => {
    if (!parts || !dirty) return undefined;
    const part = {};
    parts.add(part);
    return () => void parts.delete(part);
  }, [parts, dirty]);
}

/** For the drawer: `leave(go)` goes at once where nothing is unsaved, or `unsaved` says so; else it asks. `close` is what a drawer does that stays when the address goes back. */
export function useLeave(unsaved: boolean, open: boolean, close: () => void) {
  const styles = useStyles();
  const [parts] = useState(() => new Set<object>());
  const [asking, setAsking] = useState<(() => void) | null>(null);
  const before = useRef<Element | null>(null);
  const isUnsaved = () => open && (unsaved || parts.size > 0);
  const ask = (go: () => void) => {
    if (!asking) before.current = document.activeElement;
    setAsking(() => go);
  };
  const leave = (go: () => void) => (isUnsaved() ? ask(go) : go());
  const gone = useRef(false);
  useGuard({ isUnsaved, ask: (go) => ask(() => { gone.current = true; go(); }) });
  const here = useLocation();
  const closing = useRef(close);
  useEffect(() => {
    closing.current = close;
  });
  // What is not in the address stays after the way back that it was given up for.
  useEffect(() => {
    if (gone.current && open) closing.current();
    gone.current = false;
    // eslint-disable-next-line react/exhaustive-deps
  }, [here]);
  const around = (content: ReactNode, close?: () => void) => <Unsaved value={parts}>{close ? <Closing value={close}>{content}</Closing> : content}</Unsaved>;
  const stay = () => {
    setAsking(null);
    // After the question is gone; a click outside has left nothing focused.
    setTimeout(() => {
      const back = before.current === document.body ? document.querySelector('[role=dialog] button') : before.current;
      if (back instanceof HTMLElement && back.isConnected) back.focus();
    }, 0);
  };
  const question = asking && (
    <Dialog open modalType="alert" onOpenChange={(_, data) => !data.open && stay()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t('title')}</DialogTitle>
          <DialogContent>{t('text')}</DialogContent>
          <DialogActions>
            <Button className={styles.word} appearance="primary" onClick={stay}>{t('stay')}</Button>
            <Button className={styles.word} onClick={() => { setAsking(null); asking(); }}>{t('leave')}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
  return { leave, around, question };
}
