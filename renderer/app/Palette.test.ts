import { expect, it } from 'vitest';
import { matchCommands, type Command } from './Palette.tsx';

const command = (label: string, group = 'Go to', detail?: string): Command => ({ id: label, group, label, run: () => undefined, ...(detail ? { detail } : {}) });
const commands = [command('Stations'), command('Models'), command('Import a model', 'Do'), command('Lid seal (static-int8)', 'Models', 'int8'), command('Open the sample station', 'Do'), command('Remodelled line', 'Stations')];
const labels = (text: string) => matchCommands(commands, text).map(({ label }) => label);

it('shows everything in its order before anything is typed', () => expect(labels('  ')).toEqual(commands.map(({ label }) => label)));
it('puts what starts with the text first, then words of the label, then the rest', () => expect(labels('model')).toEqual(['Models', 'Import a model', 'Remodelled line', 'Lid seal (static-int8)']));
it('wants every word typed, in any order and case', () => { expect(labels('INT8 lid')).toEqual(['Lid seal (static-int8)']); expect(labels('sample open')).toEqual(['Open the sample station']); });
it('finds by group and detail', () => expect(labels('do')).toEqual(expect.arrayContaining(['Import a model', 'Open the sample station'])));
it('finds nothing where nothing matches', () => expect(labels('kubernetes')).toEqual([]));
