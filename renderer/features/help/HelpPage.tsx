// Keyboard and first steps, offline.
import { useCrumb } from '../../app/crumbs.ts';
import { placeTitles, places, routeHref } from '../../app/routes.ts';
import { PrimaryLink } from '../../ui/Button.tsx';
import { Card, PageHead } from '../../ui/Card.tsx';

const keys: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'Find or do anything'], ['Ctrl 1 … 9', `Go to a place: ${places.map((place) => placeTitles[place]).join(', ')}`], ['Ctrl ,', 'Settings'], ['Ctrl J', 'Show or hide the tasks'], ['Ctrl Enter', "Do the screen's amber action"], ['?', 'This page'],
  ['Tab', 'Next control; the first Tab on a screen offers to skip to it'], ['↑ ↓', 'Next row of a table, next choice of a list; a number field counts by one'], ['← →', 'Next tab or segment'], ['Enter', 'Open the row, run the choice'], ['Esc', 'Close the palette, a list, a question'],
];
const steps: readonly (readonly [string, string, string])[] = [
  ['Check the machine', 'Processor, memory, engine, clock; what is wrong comes with its fix.', routeHref('machine')], ['Import a model', 'An ONNX file; what the import changed is written down.', routeHref('models', null, { add: '1' })],
  ['Seal the data', 'One set for calibration, another for the test; overlap is found and blocked.', routeHref('datasets')], ['Optimise', 'Candidates are measured against the original on this machine; what was rejected says why.', routeHref('optimise')],
  ['Validate', 'Limits are locked before the run; each figure carries its interval.', routeHref('validate')], ['Sign the evidence', 'A zip that anyone can verify.', routeHref('evidence')],
];

export function HelpPage() {
  useCrumb();
  return (
    <>
      <PageHead title="Keyboard and help" sub="Everything works without a mouse and without a network."><PrimaryLink href={routeHref('stations')}>Go to the stations</PrimaryLink></PageHead>
      <div className="cols2">
        <Card title="Keys" flush><table className="data static"><tbody>{keys.map(([key, what]) => <tr key={key}><td><kbd>{key}</kbd></td><td className="wrap">{what}</td></tr>)}</tbody></table></Card>
        <Card title="The main job"><ol className="checks">{steps.map(([name, what, href], index) => <li key={name} style={{ gridTemplateColumns: '24px minmax(0, 1fr)' }}><span className="dim">{index + 1}</span><div className="body"><a href={href}>{name}</a><p className="dim">{what}</p></div></li>)}</ol></Card>
      </div>
    </>
  );
}
