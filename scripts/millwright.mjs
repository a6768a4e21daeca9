#!/usr/bin/env node
// The command line from a checkout: sets up what is missing, then runs dist/cli.cjs in this process.
import { createRequire } from 'node:module';
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
createRequire(import.meta.url)('../dist/cli.cjs');
