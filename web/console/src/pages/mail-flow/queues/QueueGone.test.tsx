// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { mount, press, unmountAll, words } from '@kit/testing';
import { QueueGone } from './QueueGone';

describe('a link to a queue that is no more', () => {
  afterEach(unmountAll);
  it('says so, and can be closed', async () => {
    const close = vi.fn();
    await mount(<QueueGone identity={'mx1\\2'} onClose={close} />);
    expect(words()).toContain('There is no queue mx1\\2 now');
    await press('Close');
    expect(close).toHaveBeenCalledOnce();
  });
});
