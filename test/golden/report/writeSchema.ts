// Writes docs/schemas/report.schema.json anew. Run: npx esbuild test/golden/report/writeSchema.ts --bundle --platform=node --format=esm --outfile=.build/writeSchema.mjs && node .build/writeSchema.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { reportJsonSchemaDocument } from '#core/report/renderJson';

mkdirSync('docs/schemas', { recursive: true });
writeFileSync('docs/schemas/report.schema.json', `${JSON.stringify(reportJsonSchemaDocument(), null, 2)}\n`);
