// The report as a PDF: contents, page x of y and the report hash on each page, tagged, fonts embedded; the same report gives the same bytes.
import { join } from 'node:path';
import PDFDocument from 'pdfkit';
import type { Block, ReportModel, Section } from '#core/report/model';
import { drawDrawing } from './pdf/drawDrawing.ts';
import { drawTable, drawFacts } from './pdf/drawTable.ts';
import { inLanguage, say } from '#core/report/texts/say';
import { fontNames, layout, makePen, palette, type Pen, type Texts } from './pdf/pen.ts';

const pageSizes = { a4: 'A4', letter: 'LETTER' } as const;

/** @param resourcesDir holds fonts/. @returns the bytes of a PDF 1.7. */
export async function renderPdf(report: ReportModel, resourcesDir: string): Promise<Buffer> {
  const t: Texts = (key, values) => inLanguage(report.language, say(key, values));
  const fonts = join(resourcesDir, 'fonts');
  const date = new Date(report.takenAt);
  const doc = new PDFDocument({
    size: pageSizes[report.paper], margins: layout.margins, bufferPages: true, autoFirstPage: false, pdfVersion: '1.7', tagged: true, lang: report.language, displayTitle: true, compress: true,
    font: '', // a default font opened here would be the same file as a registered one, which pdfkit then reads anew at each use
    info: { Title: `${report.title}: ${t(report.verdict)}`, Author: report.author, Subject: t('Validation report {id}, hash {hash}', { id: report.id, hash: report.reportSha256 }), Creator: report.generator, Producer: report.generator, CreationDate: date, ModDate: date },
  });
  doc.registerFont(fontNames.regular, join(fonts, 'Inter-Regular.ttf'));
  doc.registerFont(fontNames.bold, join(fonts, 'Inter-SemiBold.ttf'));
  doc.registerFont(fontNames.mono, join(fonts, 'JetBrainsMono-Regular.ttf'));
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => doc.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', resolve).on('error', reject));

  const pen = makePen(doc, t);
  doc.addPage();
  const [cover, ...rest] = report.sections;
  drawCover(pen, report, cover);
  const front = rest.filter((section) => section.number.startsWith('0.'));
  const pages = new Map<Section, number>();
  const [approvals, ...revisions] = front;
  if (approvals) drawSection(pen, approvals, pages);
  const body = rest.filter((candidate) => !front.includes(candidate));
  if (body.length > 0) drawBody(pen, { revisions, listed: rest, body }, pages);
  drawFurniture(pen, report);
  pen.root.end();
  doc.end();
  await ended;
  return Buffer.concat(chunks);
}

/** Revisions, contents and all that they list; a page of signatures has none of it. */
function drawBody(pen: Pen, { revisions, listed, body }: { readonly revisions: readonly Section[]; readonly listed: readonly Section[]; readonly body: readonly Section[] }, pages: Map<Section, number>): void {
  const { doc } = pen;
  doc.addPage();
  for (const section of revisions) drawSection(pen, section, pages);
  pen.need(contentsHeight(listed));
  const place = { page: pen.pageIndex(), y: doc.y + 18 };
  const contents = pen.element('TOC');
  doc.addPage();
  for (const section of body) drawSection(pen, section, pages);
  drawContents(pen, contents, place, listed, pages);
}

const contentsHeight = (sections: readonly Section[]) => 18 + 30 + sections.length * 17;
const anchorOf = (section: Section) => `section-${section.number}`;
const headingOf = (pen: Pen, section: Section) => (/^[A-F]$/.test(section.number) ? `${pen.t('Annex')} ${section.number}  ${section.title}` : `${section.number}  ${section.title}`);

function drawCover(pen: Pen, report: ReportModel, cover: Section | undefined): void {
  const { doc } = pen;
  doc.y = 78;
  pen.write('P', report.sections.length > 2 ? pen.t('VALIDATION REPORT') : pen.t('SIGNATURES'), { font: fontNames.bold, size: 9, color: palette.grey, characterSpacing: 1.4 });
  doc.moveDown(0.4);
  pen.write('H1', report.title, { font: fontNames.bold, size: 24, color: palette.ink });
  doc.moveDown(0.6);
  for (const block of cover?.blocks ?? []) drawBlock(pen, block);
}

function drawSection(pen: Pen, section: Section, pages: Map<Section, number>): void {
  const { doc } = pen;
  pen.need(section.performed ? 110 : 76);
  if (doc.y > layout.margins.top + 4) doc.y += 16;
  pages.set(section, pen.pageIndex());
  doc.addNamedDestination(anchorOf(section), 'XYZ', layout.margins.left, doc.y - 4, null);
  doc.outline.addItem(pen.plain(headingOf(pen, section)));
  pen.rule(doc.y - 5, palette.ink, 0.9);
  pen.write('H2', headingOf(pen, section), { font: fontNames.bold, size: 13, color: palette.ink });
  doc.y += 4;
  if (!section.performed) return drawNotPerformed(pen, null, section.reason ?? '');
  for (const block of section.blocks) drawBlock(pen, block);
}

function drawBlock(pen: Pen, block: Block): void {
  const { doc } = pen;
  switch (block.kind) {
    case 'heading':
      pen.need(60);
      doc.y += 6;
      pen.write('H3', block.text, { font: fontNames.bold, size: 10.5, color: palette.ink });
      break;
    case 'paragraph': {
      pen.need(30);
      const toned = block.tone === 'warn' || block.tone === 'fail' || block.tone === 'pass';
      const [top, page] = [doc.y, pen.pageIndex()];
      pen.write('P', block.text, { font: toned ? fontNames.bold : fontNames.regular, size: 9.5, color: block.tone === 'muted' ? palette.grey : palette.ink, indent: toned ? 9 : 0 });
      if (toned && page === pen.pageIndex()) pen.artifact(() => doc.rect(layout.margins.left, top, 2.6, doc.y - top).fill(block.tone === 'pass' ? palette.pass : palette.fail));
      break;
    }
    case 'facts': return drawFacts(pen, block.rows);
    case 'table': return drawTable(pen, block);
    case 'drawing': return drawDrawing(pen, block.caption, block.drawing);
    case 'text':
      pen.need(60);
      pen.write('P', block.caption, { font: fontNames.bold, size: 9, color: palette.ink });
      pen.write('Code', block.text, { font: fontNames.mono, size: 7.5, color: palette.ink, indent: 8 });
      break;
    case 'image': drawImage(pen, block.caption, block.base64); break;
    case 'notPerformed': return drawNotPerformed(pen, block.what, block.reason);
    case 'verdict': return drawVerdict(pen, `${block.exploratory ? `${pen.t('EXPLORATORY')}: ` : ''}${pen.t(block.verdict)}`, block.verdict === 'PASS' && !block.exploratory);
  }
  doc.y += 5;
}

function drawNotPerformed(pen: Pen, what: string | null, reason: string): void {
  const { doc } = pen;
  const text = `${what === null ? '' : `${what}: `}${pen.t('NOT PERFORMED')}: ${reason}`;
  const height = pen.heightOf(text, fontNames.regular, 9, pen.width - 16) + 10;
  pen.need(Math.min(height, 200) + 4);
  const top = doc.y;
  doc.y = top + 5;
  const page = pen.pageIndex();
  pen.write('P', text, { font: fontNames.regular, size: 9, color: palette.ink, indent: 8, right: 8 });
  if (page === pen.pageIndex()) {
    pen.artifact(() => doc.rect(layout.margins.left, top, pen.width, doc.y - top + 5).lineWidth(0.7).dash(3, { space: 2 }).stroke(palette.grey).undash());
  }
  doc.y += 11;
}

function drawVerdict(pen: Pen, text: string, good: boolean): void {
  const { doc } = pen;
  const color = good ? palette.pass : palette.fail;
  doc.font(fontNames.bold).fontSize(20);
  const width = Math.min(pen.width, doc.widthOfString(text) + 30);
  const top = doc.y;
  pen.artifact(() => doc.rect(layout.margins.left, top, width, 38).lineWidth(2).stroke(color));
  doc.y = top + 8;
  pen.write('P', text, { font: fontNames.bold, size: 20, color, indent: 15 });
  doc.y = top + 52;
}

/** Points: a photo can be made out, and two stand on a page. */
const imageHeight = 280;

function drawImage(pen: Pen, caption: string, base64: string): void {
  const { doc } = pen;
  pen.need(imageHeight + 30);
  pen.write('P', caption, { font: fontNames.bold, size: 9, color: palette.ink });
  try {
    pen.figure(caption, () => doc.image(Buffer.from(base64, 'base64'), layout.margins.left, doc.y, { fit: [doc.page.width - layout.margins.left - layout.margins.right, imageHeight] }));
    doc.y += imageHeight + 6;
  } catch {
    pen.write('P', 'The image cannot be decoded.', { font: fontNames.regular, size: 9, color: palette.grey });
  }
}

function drawContents(pen: Pen, contents: PDFKit.PDFStructureElement, place: { page: number; y: number }, sections: readonly Section[], pages: ReadonlyMap<Section, number>): void {
  const { doc } = pen;
  doc.switchToPage(place.page);
  doc.y = place.y;
  pen.into(contents, () => {
    pen.write('H2', pen.t('Contents'), { font: fontNames.bold, size: 15, color: palette.ink });
    doc.y += 8;
    for (const section of sections) {
      const y = doc.y;
      const pageNumber = String((pages.get(section) ?? 0) + 1);
      const name = `${headingOf(pen, section)}${section.performed ? '' : `   (${pen.t('not performed')})`}`;
      pen.write('TOCI', `${name}`, { font: fontNames.regular, size: 9.5, color: section.performed ? palette.ink : palette.grey, right: 40 });
      doc.font(fontNames.regular).fontSize(9.5);
      pen.artifact(() => {
        const from = layout.margins.left + doc.widthOfString(pen.plain(name)) + 6;
        const to = layout.margins.left + pen.width - 30;
        if (to > from) doc.moveTo(from, y + 9).lineTo(to, y + 9).lineWidth(0.5).dash(0.7, { space: 2.4 }).stroke(palette.grey).undash();
        doc.fillColor(palette.ink).text(pageNumber, layout.margins.left + pen.width - 28, y, { width: 28, align: 'right', lineBreak: false });
      });
      doc.goTo(layout.margins.left, y, pen.width, 13, anchorOf(section));
      doc.y = y + 17;
    }
  });
}

/** Head and foot of every page: what it is, its hash, its number. */
function drawFurniture(pen: Pen, report: ReportModel): void {
  const { doc } = pen;
  const range = doc.bufferedPageRange();
  for (let index = 0; index < range.count; index += 1) {
    doc.switchToPage(range.start + index);
    const { left } = layout.margins;
    const foot = doc.page.height - 40;
    const margin = doc.page.margins.bottom;
    doc.page.margins.bottom = 0; // writing in the margin must not start a new page
    pen.artifact(() => {
      pen.rule(42, palette.rule, 0.6);
      doc.font(fontNames.regular).fontSize(7.5).fillColor(palette.grey);
      const title = report.title.length > 90 ? `${report.title.slice(0, 88)}…` : report.title;
      doc.text(pen.plain(title.replaceAll('\n', ' ')), left, 30, { width: pen.width * 0.53, lineBreak: false, ellipsis: true, height: 10 });
      doc.text(pen.plain(`${report.id.slice(0, 40)} · ${pen.t('revision {n}', { n: report.revision })}`), left + pen.width * 0.55, 30, { width: pen.width * 0.45, align: 'right', lineBreak: false, ellipsis: true, height: 10 });
      pen.rule(foot - 6, palette.rule, 0.6);
      doc.font(fontNames.mono).fontSize(6.4).text(pen.t('report hash {hash}', { hash: report.reportSha256 }), left, foot, { lineBreak: false });
      doc.font(fontNames.regular).fontSize(7.5).text(pen.t('page {page} of {pages}', { page: index + 1, pages: range.count }), left + pen.width - 120, foot - 0.5, { width: 120, align: 'right', lineBreak: false });
    });
    doc.page.margins.bottom = margin;
  }
}
