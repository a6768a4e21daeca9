// Escaping of text for markup; the only place that knows how.

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;', '`': '&#96;' };

/** For text and quoted attributes of HTML, SVG and XML. */
export const escapeMarkup = (text: string): string => text.replace(/[&<>"'`]/g, (char) => entities[char] ?? char);

/** What XML 1.0 does not allow at all (control characters, surrogates, FFFE and FFFF) is left out. */
// oxlint-disable-next-line no-control-regex -- exactly these are meant
const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export const escapeXml = (text: string): string => escapeMarkup(text.replace(notXml, '')).replace(/\r/g, '&#13;');
