import fc from 'fast-check';
import { expect, it } from 'vitest';
import { placeLabels } from './ScatterChart.tsx';

const area = { left: 40, right: 540, top: 0, bottom: 260 };
const mark = fc.record({ x: fc.integer({ min: 40, max: 540 }), y: fc.integer({ min: 10, max: 250 }), radius: fc.integer({ min: 5, max: 13 }), width: fc.integer({ min: 20, max: 180 }) });

it('names of marks never cover each other, another mark or the axis', () => fc.assert(fc.property(fc.array(mark, { maxLength: 12 }), (marks) => {
  const places = placeLabels(marks, area);
  const boxes = places.flatMap((place, index) => (place ? [{ ...place, index }] : []));
  for (const a of boxes) {
    expect(a.left > area.left && a.right < area.right && a.top > area.top && a.bottom < area.bottom).toBe(true);
    for (const b of boxes) if (a.index < b.index) expect(a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top).toBe(false);
    marks.forEach((each, index) => { if (index !== a.index) expect(each.x + each.radius > a.left && each.x - each.radius < a.right && each.y + each.radius > a.top && each.y - each.radius < a.bottom).toBe(false); });
  }
})));
it('the first mark, the chosen one, has its name wherever there is room at all', () => {
  const crowd = Array.from({ length: 5 }, (_, index) => ({ x: 200 + index * 6, y: 100, radius: 10, width: 120 }));
  expect(placeLabels(crowd, area)[0]).not.toBeNull();
});
