// The report as one self-contained HTML file: no script, nothing remote, a strict policy, readable without its style.
import { escapeMarkup as esc } from './escape.ts';
import type { Block, Cell, ReportModel, Section } from './model.ts';
import { renderSvg } from './renderSvg.ts';
import { reportCss } from './reportCss.ts';
import type { TextKey } from './texts/en.ts';
import { inLanguage, say } from './texts/say.ts';

const anchorOf = (section: Section) => `s-${section.number.replaceAll('.', '-')}`;

function renderCell(cell: Cell, tag: 'td', align = ''): string {
  if (typeof cell === 'string') return `<${tag}${align}>${esc(cell)}</${tag}>`;
  const classes = [align === '' ? '' : 'r', cell.mono ? 'mono' : '', cell.tone ?? ''].filter((name) => name !== '').join(' ');
  return `<${tag}${classes === '' ? '' : ` class="${classes}"`}>${esc(cell.text)}</${tag}>`;
}

type Translate = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

function renderBlock(block: Block, t: Translate): string {
  switch (block.kind) {
    case 'heading': return `<h3>${esc(block.text)}</h3>`;
    case 'paragraph': return `<p${block.tone ? ` class="${block.tone}"` : ''}>${esc(block.text)}</p>`;
    case 'facts': return `<table class="facts" border="1" cellpadding="4">${block.rows.map((row) => `<tr><th scope="row">${esc(row.name)}</th>${renderCell(row.value, 'td')}</tr>`).join('')}</table>`;
    case 'table': {
      const head = block.columns.map((column) => `<th scope="col"${column.align === 'right' ? ' class="r"' : ''}>${esc(column.title)}</th>`).join('');
      const body = block.rows.map((row) => `<tr>${row.map((cell, index) => {
        const column = block.columns[index];
        const styled = column?.mono && typeof cell === 'string' ? { text: cell, mono: true } : cell;
        return renderCell(styled, 'td', column?.align === 'right' ? ' class="r"' : '');
      }).join('')}</tr>`).join('\n');
      return `<div class="scroll"><table border="1" cellpadding="4"><caption>${esc(block.caption)}</caption><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>${block.note ? `<p class="note">${esc(block.note)}</p>` : ''}`;
    }
    case 'drawing': return `<figure><figcaption>${esc(block.caption)}</figcaption>${renderSvg(block.drawing)}</figure>`;
    case 'text': return `<h3>${esc(block.caption)}</h3><pre>${esc(block.text)}</pre>`;
    case 'image': return /^[A-Za-z0-9+/=]*$/.test(block.base64) ? `<figure><figcaption>${esc(block.caption)}</figcaption><img alt="${esc(block.caption)}" src="data:image/${block.type};base64,${block.base64}"></figure>` : '';
    case 'notPerformed': return `<p class="np"><strong>${esc(block.what)}: ${esc(t('NOT PERFORMED'))}:</strong> ${esc(block.reason)}</p>`;
    case 'verdict': return `<p class="verdict ${block.verdict === 'PASS' && !block.exploratory ? 'ok' : 'bad'}">${block.exploratory ? `${esc(t('EXPLORATORY'))}: ` : ''}${esc(t(block.verdict))}</p>`;
  }
}

function renderSection(section: Section, t: Translate): string {
  const annex = /^[A-F]$/.test(section.number) ? `${t('Annex')} ` : '';
  const body = section.performed ? section.blocks.map((block) => renderBlock(block, t)).join('\n') : `<p class="np"><strong>${esc(t('NOT PERFORMED'))}:</strong> ${esc(section.reason ?? '')}</p>`;
  return `<section id="${anchorOf(section)}"><h2><span class="no">${esc(annex)}${esc(section.number)}</span> ${esc(section.title)}</h2>\n${body}\n</section>`;
}

/** @param styleHash base64 SHA-256 of `<style>`'s text (see `reportStyle`), for the policy. */
export function renderHtml(report: ReportModel, styleHash: string): string {
  const t: Translate = (key, values) => inLanguage(report.language, say(key, values));
  const contents = report.sections.map((section) => `<li><a href="#${anchorOf(section)}">${esc(section.number)} ${esc(section.title)}</a>${section.performed ? '' : ` <span class="np">(${esc(t('not performed'))})</span>`}</li>`).join('');
  return `<!DOCTYPE html>
<html lang="${report.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; form-action 'none'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${esc(report.title)}: ${esc(t(report.verdict))}</title>
<style>${reportCss}</style>
</head>
<body>
<header><h1>${esc(report.title)}</h1><p>${esc(t('Validation report {id}, revision {revision}, {at}', { id: report.id, revision: report.revision, at: report.takenAt }))}</p></header>
<nav aria-label="${esc(t('Contents'))}"><h2>${esc(t('Contents'))}</h2><ol>${contents}</ol></nav>
<main>
${report.sections.map((section) => renderSection(section, t)).join('\n')}
</main>
<footer><p>${esc(report.generator)}. ${esc(t('Report hash (SHA-256 of receipt.json)'))}: <span class="mono">${esc(report.reportSha256)}</span></p></footer>
</body>
</html>
`;
}

/** The text that `styleHash` is the hash of. */
export const reportStyle = reportCss;
