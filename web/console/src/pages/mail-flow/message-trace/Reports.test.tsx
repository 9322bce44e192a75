// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmountAll } from '@kit/testing';
import { Reports } from './Reports';

const report = (JobId: string, Status: string) => ({ JobId, ReportTitle: JobId, ReportType: 'Extended', Status, Progress: 100, Lines: 3, SubmitDate: '2026-11-22T10:00:00Z', ExpiryDate: null, SubmittedBy: 'admin', Error: null, FileName: 'r.csv' });

describe('the reports', () => {
  afterEach(unmountAll);
  it('stand in line, whether there is something to press or not', async () => {
    await mount(<Reports />, { answers: { 'Get-HistoricalSearch': () => ({ value: [report('done', 'Completed'), report('ended', 'Cancelled'), report('runs', 'InProgress')] }), 'Stop-HistoricalSearch': () => ({}) } });
    expect([...document.querySelectorAll('li')].map((row) => row.children.length)).toEqual([4, 4, 4]);
  });
});
