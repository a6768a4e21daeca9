// Lines for a limits file, to be copied whole.
import { CopyButton } from '../../ui/Button.tsx';

export function LimitsLines({ text }: { readonly text: string }) {
  return (
    <details>
      <summary className="dim">Lines for a limits file</summary>
      <div className="command" style={{ marginTop: 8 }}><pre tabIndex={0} aria-label="Lines for a limits file" style={{ margin: 0, flex: 1, overflow: 'auto' }}><code>{text}</code></pre><CopyButton text={text} label="Copy the lines" /></div>
    </details>
  );
}
