// Charts as vectors: the same shapes as the SVG of the HTML report.
import type { Drawing } from '#core/report/drawing';
import { fontNames, layout, palette, type Pen } from './pen.ts';

/** pdfkit takes a pattern of several lengths as well; its types know one alone. */
const dashed = (doc: PDFKit.PDFDocument, pattern: readonly number[]) => (doc.dash as unknown as (lengths: readonly number[]) => void).call(doc, pattern);

export function drawDrawing(pen: Pen, caption: string, drawing: Drawing): void {
  const { doc } = pen;
  const scale = Math.min(1, pen.width / drawing.width);
  const height = drawing.height * scale;
  pen.need(Math.min(height + 30, doc.page.height - layout.margins.top - layout.margins.bottom));
  pen.write('P', caption, { font: fontNames.bold, size: 8.8, color: palette.ink });
  const [left, top] = [layout.margins.left, doc.y + 2];
  pen.figure(drawing.description, () => {
    doc.save().translate(left, top).scale(scale);
    for (const shape of drawing.shapes) {
      if (shape.kind === 'rect') {
        const path = doc.rect(shape.x, shape.y, shape.width, shape.height);
        if (shape.stroke) path.lineWidth(0.6).fillAndStroke(shape.fill, shape.stroke);
        else path.fill(shape.fill);
      } else if (shape.kind === 'line') {
        doc.moveTo(shape.x1, shape.y1).lineTo(shape.x2, shape.y2).lineWidth(shape.width);
        if (shape.dashed) doc.dash(3, { space: 2 });
        doc.stroke(shape.stroke).undash();
      } else if (shape.kind === 'polyline') {
        shape.points.forEach(([x, y], index) => (index === 0 ? doc.moveTo(x, y) : doc.lineTo(x, y)));
        doc.lineWidth(shape.width);
        if (shape.dash) dashed(doc, shape.dash);
        doc.stroke(shape.stroke).undash();
      } else if (shape.kind === 'image') {
        doc.image(Buffer.from(shape.pngBase64, 'base64'), shape.x, shape.y, { width: shape.width, height: shape.height });
      } else {
        doc.font(fontNames.regular).fontSize(shape.size).fillColor(shape.fill);
        const text = pen.plain(shape.text.replaceAll('\n', ' '));
        const width = doc.widthOfString(text);
        const x = shape.anchor === 'middle' ? shape.x - width / 2 : shape.anchor === 'end' ? shape.x - width : shape.x;
        doc.text(text, x, shape.y - shape.size * 0.95, { lineBreak: false });
      }
    }
    doc.restore();
  });
  doc.x = layout.margins.left;
  doc.y = top + height + 8;
}
