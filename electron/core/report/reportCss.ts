// The style of the HTML report. Without it the page stays readable: tables have borders by attribute, status has words.

export const reportCss = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 28px 64px; max-width: 1020px; background: #fff; color: #1a2332; font: 14px/1.5 Inter, "Segoe UI", Arial, sans-serif; }
header { border-bottom: 3px solid #1a2332; margin-bottom: 20px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 6px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 36px 0 8px; padding-top: 10px; border-top: 1px solid #c5ccd6; break-after: avoid; }
h2 .no { display: inline-block; min-width: 44px; color: #5b6675; font-weight: 500; }
h3 { font-size: 14.5px; margin: 20px 0 6px; break-after: avoid; }
p { margin: 8px 0; overflow-wrap: anywhere; white-space: pre-wrap; }
p.muted, .note { color: #5b6675; }
p.warn, p.fail { border-left: 4px solid #9b1c1c; padding: 6px 12px; background: #fbf1f0; }
p.pass { border-left: 4px solid #1c6b3a; padding: 6px 12px; background: #eff7f1; }
p.np { border: 1px dashed #7a8494; padding: 7px 12px; background: #f6f7f9; break-inside: avoid; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 10px 0 4px; font-size: 12.5px; }
caption { text-align: left; font-weight: 600; padding: 4px 0; }
th, td { border: 1px solid #c5ccd6; padding: 4px 8px; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { background: #eef1f5; border-bottom: 2px solid #7a8494; }
td.r, th.r { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
table.facts th { width: 30%; font-weight: 500; color: #3c4757; background: #f6f7f9; }
.mono, pre { font-family: "JetBrains Mono", Consolas, monospace; font-size: 11.5px; }
.pass { color: #14532d; font-weight: 600; } .fail { color: #9b1c1c; font-weight: 700; } .warn { color: #7a4a00; font-weight: 600; }
p.pass, p.fail, p.warn { font-weight: 500; color: #1a2332; }
pre { border: 1px solid #c5ccd6; background: #f6f7f9; padding: 10px 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
.verdict { display: inline-block; border: 2.5px solid #1a2332; padding: 8px 18px; font-size: 22px; font-weight: 700; margin: 6px 0 12px; }
.verdict.ok { border-color: #14532d; color: #14532d; } .verdict.bad { border-color: #9b1c1c; color: #9b1c1c; }
figure { margin: 12px 0; break-inside: avoid; } figcaption { font-weight: 600; font-size: 12.5px; margin-bottom: 4px; }
figure svg, figure img { max-width: 100%; height: auto; }
nav ol { list-style: none; columns: 2; padding: 0; font-size: 13px; } nav li { break-inside: avoid; padding: 1px 0; }
nav a { color: #1d4f87; text-decoration: none; } nav a:hover, nav a:focus { text-decoration: underline; } nav .np { color: #5b6675; }
footer { margin-top: 40px; border-top: 1px solid #c5ccd6; color: #5b6675; font-size: 12px; overflow-wrap: anywhere; }
@page { margin: 16mm 14mm 18mm; }
@media print { body { padding: 0; max-width: none; font-size: 10pt; } thead { display: table-header-group; } tr { break-inside: avoid; } .scroll { overflow: visible; } nav a { color: inherit; } }
`;
