import { expect, it } from 'vitest';
import { parseCounts } from './BenchmarkView.tsx';

it('reads batches and threads as a person types them', () => { expect(parseCounts('1, 2 4;8')).toEqual([1, 2, 4, 8]); expect(parseCounts(' 16 ')).toEqual([16]); });
it('refuses what is no whole number from one', () => { for (const text of ['', ' ', '0', '-1', '1.5', 'two', '1,x', '99999', '1e9']) expect(parseCounts(text)).toBeNull(); });
