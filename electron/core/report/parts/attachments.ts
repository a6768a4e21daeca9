// Annex D: files that people put to the report; pictures are drawn, all others named with their hash.
import { column, number, table, type Block, type Cell } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { formatBytes, formatTime } from '../text.ts';
import { say } from '../texts/say.ts';
import { missing, type Content } from './Part.ts';

export function attachmentBlocks(attachments: ValidationReceipt['attachments']): Content {
  if (attachments.length === 0) return missing('No screenshots or other files were attached.');
  return [
    table('Attached files, in the evidence package', [number('No.', 0.4), column('Name', 1.6), column('Caption', 2), number('Size', 0.7), column('Attached', 1.2), column('By', 1), column('SHA-256', 1.4, { mono: true })],
      attachments.map(({ name, caption, sizeBytes, addedAt, addedBy, sha256 }, index): Cell[] => [String(index + 1), name, caption, formatBytes(sizeBytes), formatTime(addedAt), addedBy, sha256.slice(0, 24)])),
    ...attachments.flatMap(({ name, caption, preview }, index): Block[] => (preview === null ? [] : [{ kind: 'image', caption: say('No. {no}: {name}', { no: index + 1, name: caption || name }), ...preview }])),
  ];
}
