// Writing tagged text on pages: fonts, colours, page breaks, and characters that the fonts lack shown by code.

import type { TextKey } from '#core/report/texts/en';

export const fontNames = { regular: 'Text', bold: 'TextBold', mono: 'Mono' } as const;
export type FontName = (typeof fontNames)[keyof typeof fontNames];
export const palette = { ink: '#1a2332', grey: '#5b6675', rule: '#c5ccd6', head: '#eef1f5', pass: '#14532d', fail: '#9b1c1c', warn: '#7a4a00' } as const;
export const layout = { margins: { top: 58, bottom: 58, left: 50, right: 50 } } as const;

export interface TextStyle {
  readonly font: FontName;
  readonly size: number;
  readonly color: string;
  readonly indent?: number;
  readonly right?: number;
  readonly characterSpacing?: number;
}

/** The report's own words in its language. */
export type Texts = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

export interface Pen {
  readonly t: Texts;
  readonly doc: PDFKit.PDFDocument;
  readonly root: PDFKit.PDFStructureElement;
  /** Width between the margins, in points. */
  readonly width: number;
  pageIndex(): number;
  /** Starts a page unless this many points are left. */
  need(points: number): void;
  room(): number;
  /** The text with each character that no font has shown as [U+XXXX]. */
  plain(text: string): string;
  heightOf(text: string, font: FontName, size: number, width: number): number;
  /** Writes at the cursor in a structure element of this type; breaks pages by itself. */
  write(type: string, text: string, style: TextStyle): void;
  /** Text at a place, within the structure element given. */
  writeAt(parent: PDFKit.PDFStructureElement, type: string, text: string, style: TextStyle, box: { x: number; y: number; width: number; height: number; align?: 'left' | 'right' }, options?: { readonly alt?: string }): void;
  element(type: string, parent?: PDFKit.PDFStructureElement): PDFKit.PDFStructureElement;
  /** Writes of `work` become children of the element. */
  into(element: PDFKit.PDFStructureElement, work: () => void): void;
  figure(alt: string, draw: () => void): void;
  /** Lines and page furniture: no content for a screen reader. */
  artifact(draw: () => void): void;
  rule(y: number, color: string, thickness: number): void;
}

/** Tabular digits, and no kerning: it pulls the point of "97.75" into the digits. */
const figures = { tnum: true, kern: false } as unknown as PDFKit.Mixins.OpenTypeFeatures[]; // the types know the list form only

/** What pdfkit keeps of the embedded font; not in its types. */
interface EmbeddedFont { readonly font?: { hasGlyphForCodePoint?: (codePoint: number) => boolean } }

export function makePen(doc: PDFKit.PDFDocument, t: Texts): Pen {
  const root = doc.struct('Document');
  doc.addStructure(root);
  let parent = root;
  let depth = 0; // marked content cannot be nested in marked content
  const known = new Map<number, boolean>();
  // Taken once: asking for a font selects it, which must not happen in the middle of a line.
  const fonts = [fontNames.regular, fontNames.mono].map((name) => (doc.font(name) as unknown as { _font: EmbeddedFont })._font.font); // the glyph test of the font library underneath
  const hasGlyph = (codePoint: number): boolean => {
    const seen = known.get(codePoint);
    if (seen !== undefined) return seen;
    const has = fonts.every((font) => font?.hasGlyphForCodePoint?.(codePoint) ?? true);
    known.set(codePoint, has);
    return has;
  };
  // A sign outside the mono font but in the text font (such as ✓) is replaced only where mono is used: keep the signs of status cells.
  const always = new Set([...'✓✗'].map((char) => char.codePointAt(0) ?? 0));
  // oxlint-disable-next-line no-control-regex -- the fast path: plain ASCII needs no look
  const ascii = /^[\n\x20-\x7e]*$/; // no tab: fonts have no glyph for it
  const plain = (text: string) => (ascii.test(text) ? text : [...text].map((char) => {
    const code = char.codePointAt(0) ?? 0;
    if (char === '\t') return '    ';
    return char === '\n' || always.has(code) || hasGlyph(code) ? char : `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  }).join(''));
  const width = () => doc.page.width - layout.margins.left - layout.margins.right;
  const bottom = () => doc.page.height - layout.margins.bottom;
  const pen: Pen = {
    doc, root, t,
    get width() { return width(); },
    pageIndex: () => doc.bufferedPageRange().start + doc.bufferedPageRange().count - 1,
    need(points) { if (doc.y + points > bottom()) doc.addPage(); },
    room: () => bottom() - doc.y,
    plain,
    heightOf(text, font, size, boxWidth) { return doc.font(font).fontSize(size).heightOfString(plain(text) || ' ', { width: boxWidth, lineGap: 1.2, features: figures }); },
    write(type, text, style) {
      const { left } = layout.margins;
      const [indent, right] = [style.indent ?? 0, style.right ?? 0];
      const element = doc.struct(type, {}, () => {
        doc.font(style.font).fontSize(style.size).fillColor(style.color)
          .text(plain(text), left + indent, doc.y, { width: width() - indent - right, lineGap: 1.6, ...(style.size < 12 ? { features: figures } : {}), ...(style.characterSpacing === undefined ? {} : { characterSpacing: style.characterSpacing }) });
      });
      parent.add(element);
      element.end();
    },
    writeAt(owner, type, text, style, box, options = {}) {
      const element = doc.struct(type, options, () => {
        doc.font(style.font).fontSize(style.size).fillColor(style.color).text(plain(text), box.x, box.y, { width: box.width, height: box.height, align: box.align ?? 'left', lineGap: 1.2, ellipsis: true, features: figures });
      });
      owner.add(element);
      element.end();
    },
    element(type, owner = parent) {
      const element = doc.struct(type);
      owner.add(element);
      return element;
    },
    into(element, work) {
      const before = parent;
      parent = element;
      try { work(); } finally { parent = before; }
    },
    figure(alt, draw) {
      const element = doc.struct('Figure', { alt }, () => { depth += 1; try { draw(); } finally { depth -= 1; } });
      parent.add(element);
      element.end();
    },
    artifact(draw) {
      if (depth > 0) return draw();
      doc.markContent('Artifact', { type: 'Layout' });
      doc.save();
      draw();
      doc.restore();
      doc.endMarkedContent();
    },
    rule(y, color, thickness) {
      doc.save().moveTo(layout.margins.left, y).lineTo(layout.margins.left + width(), y).lineWidth(thickness).stroke(color).restore();
    },
  };
  return pen;
}
