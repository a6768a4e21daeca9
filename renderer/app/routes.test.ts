import fc from 'fast-check';
import { expect, it } from 'vitest';
import { otherPages, parseRoute, placeTitles, places, routeHref } from './routes.ts';

const text = fc.string({ unit: 'grapheme' });
it('every place, thing and view has an address that leads back to it', () => fc.assert(fc.property(fc.constantFrom(...places, ...otherPages), text, fc.dictionary(text.filter((key) => key !== '' && key !== '__proto__'), text), (place, id, query) => {
  const kept = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
  expect(parseRoute(routeHref(place, id, query))).toEqual({ place, id: id === '' ? null : id, query: kept });
})));
it('an address that nobody knows is the home', () => { for (const hash of ['', '#', '#/', '#/nowhere/x', 'javascript:alert(1)', '#/toString', '#/__proto__']) expect(parseRoute(hash)).toEqual({ place: 'stations', id: null, query: {} }); });
it('an address with a broken escape still opens', () => expect(parseRoute('#/models/100%')).toEqual({ place: 'models', id: '100%', query: {} }));
it('leaves out what is not chosen, so that one view has one address', () => expect(routeHref('models', null, { tab: null, a: '', b: undefined, c: 'x' })).toBe('#/models?c=x'));
it('names every place', () => { for (const place of [...places, ...otherPages]) expect(placeTitles[place]).not.toBe(''); });
