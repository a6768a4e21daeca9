import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { buildReport } from '#core/report/buildReport';
import { validationReceiptSchema } from '#core/report/receipt';
import { sampleReceipt } from '#test/golden/report/sampleReceipt';
import { renderPdf } from './renderPdf.ts';

const identity = { reportSha256: 'a'.repeat(64), bomSha256: 'b'.repeat(64), keyId: '0123456789abcdef', signer: 'Anna Keller', role: 'process engineer', signedAt: '2026-11-20T09:05:00.000Z' };
const boxesOf = async (paper?: 'a4' | 'letter') => {
  const pdf = await renderPdf(buildReport(validationReceiptSchema.parse({ ...sampleReceipt({ samples: 20 }), ...(paper ? { paper } : {}) }), identity), resolve('resources'));
  return new Set([...pdf.toString('latin1').matchAll(/\/MediaBox \[([^\]]*)\]/g)].map(([, box]) => box));
};

it('sets every page for the paper that was asked for, and for A4 where nothing was said', async () => {
  expect(await boxesOf('letter')).toEqual(new Set(['0 0 612 792']));
  expect(await boxesOf('a4')).toEqual(new Set(['0 0 595.28 841.89']));
  expect(await boxesOf()).toEqual(await boxesOf('a4'));
}, 60_000);
