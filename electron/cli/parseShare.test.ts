import { expect, it } from 'vitest';
import { parseShare } from './parseShare.ts';

it('reads shares and percent', () => { expect(['0.005', '0.5%', '.5 %', '1e-3'].map(parseShare)).toEqual([0.005, 0.005, 0.005, 0.001]); });
it.each(['', '0', '1', '100%', '-0.1', '5', 'half', '0.5 %%'])('"%s" is refused', (text) => { expect(() => parseShare(text)).toThrow('a share between 0 and 1'); });
