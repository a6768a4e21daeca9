#!/usr/bin/env node
// `npm run commission`: sets up what is missing and runs the main job, on the bundled sample station when no file is named.
import { createRequire } from 'node:module';
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
process.argv.splice(2, 0, 'commission');
createRequire(import.meta.url)('../dist/cli.cjs');
