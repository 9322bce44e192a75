// Chooses any of the zones the browser knows.
import { useState } from 'react';
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Field } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { ZoneSelect } from '@kit/time/ZoneSelect';
import { useSettings } from './settings';

const t = defineText('zone-dialog', { title: 'Time zone', label: 'All times are shown and typed in this zone', use: 'Use', cancel: 'Cancel' });

export default function ZoneDialog({ onClose }: { onClose: () => void }) {
  const { zone, setZone } = useSettings();
  const [chosen, setChosen] = useState(zone);
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t('title')}</DialogTitle>
          <DialogContent><Field label={t('label')}><ZoneSelect value={chosen} onChange={setChosen} /></Field></DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={() => { setZone(chosen); onClose(); }}>{t('use')}</Button>
            <Button onClick={onClose}>{t('cancel')}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
