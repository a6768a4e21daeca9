// A drawing as SVG with presentation attributes only, so that it shows where inline styles are blocked.
import type { Drawing, Shape } from './drawing.ts';
import { escapeMarkup } from './escape.ts';

function renderShape(shape: Shape): string {
  switch (shape.kind) {
    case 'rect': return `<rect x="${shape.x}" y="${shape.y}" width="${shape.width}" height="${shape.height}" fill="${escapeMarkup(shape.fill)}"${shape.stroke ? ` stroke="${escapeMarkup(shape.stroke)}" stroke-width="0.6"` : ''}/>`;
    case 'line': return `<line x1="${shape.x1}" y1="${shape.y1}" x2="${shape.x2}" y2="${shape.y2}" stroke="${escapeMarkup(shape.stroke)}" stroke-width="${shape.width}"${shape.dashed ? ' stroke-dasharray="3 2"' : ''}/>`;
    case 'polyline': return `<polyline points="${shape.points.map(([x, y]) => `${x},${y}`).join(' ')}" fill="none" stroke="${escapeMarkup(shape.stroke)}" stroke-width="${shape.width}"${shape.dash ? ` stroke-dasharray="${shape.dash.join(' ')}"` : ''}/>`;
    case 'image': return /^[A-Za-z0-9+/=]*$/.test(shape.pngBase64) ? `<image x="${shape.x}" y="${shape.y}" width="${shape.width}" height="${shape.height}" preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,${shape.pngBase64}"/>` : '';
    case 'text': return `<text x="${shape.x}" y="${shape.y}" font-size="${shape.size}" text-anchor="${shape.anchor}" fill="${escapeMarkup(shape.fill)}">${escapeMarkup(shape.text)}</text>`;
  }
}

export function renderSvg(drawing: Drawing): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${drawing.width}" height="${drawing.height}" viewBox="0 0 ${drawing.width} ${drawing.height}" role="img" aria-label="${escapeMarkup(drawing.description)}" font-family="Inter, Arial, sans-serif">${drawing.shapes.map(renderShape).join('')}</svg>`;
}
